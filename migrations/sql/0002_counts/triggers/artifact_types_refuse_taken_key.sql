-- Refuses to take a key of artifact_types in the statement that gives it up:
-- the children of the row that had it have yet to go with it, or to follow it, and would be counted
-- for the row that has it now.

create function artifact_types_refuse_taken_key()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if
        (tg_op = 'DELETE' or new.type <> old.type)
        and exists (select from artifact_types as p where p.type = old.type)
    then
        raise unique_violation using
            message = format(
                'key %L of artifact_types is given up and taken in one statement', old.type
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function artifact_types_refuse_taken_key() from public;

comment on function artifact_types_refuse_taken_key() is
    'Refuses to take a key of artifact_types in the statement that gives it up.';

create trigger artifact_types_refuse_taken_key
    after delete or update of type on artifact_types
    for each row execute function artifact_types_refuse_taken_key();

comment on trigger artifact_types_refuse_taken_key on artifact_types is
    'Refuses to take a key in the statement that gives it up.';
