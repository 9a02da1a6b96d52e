-- Refuses to take a key of collections in the statement that gives it up:
-- the children of the row that had it have yet to go with it, or to follow it, and would be counted
-- for the row that has it now.

create function collections_refuse_taken_key()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if
        (tg_op = 'DELETE' or new.id <> old.id)
        and exists (select from collections as p where p.id = old.id)
    then
        raise unique_violation using
            message = format(
                'key %L of collections is given up and taken in one statement', old.id
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function collections_refuse_taken_key() from public;

comment on function collections_refuse_taken_key() is
    'Refuses to take a key of collections in the statement that gives it up.';

create trigger collections_refuse_taken_key
    after delete or update of id on collections
    for each row execute function collections_refuse_taken_key();

comment on trigger collections_refuse_taken_key on collections is
    'Refuses to take a key in the statement that gives it up.';
