-- The textbook solution: every change of a membership updates its collection's counter.

create function count_membership()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    if tg_op in ('DELETE', 'UPDATE') then
        update collections set artifact_count = artifact_count - 1 where id = old.collection_id;
    end if;
    if tg_op in ('INSERT', 'UPDATE') then
        update collections set artifact_count = artifact_count + 1 where id = new.collection_id;
    end if;
    return null;
end;
$$;

create trigger count_membership
    after insert or delete or update of collection_id on collection_artifacts
    for each row execute function count_membership();
