-- Refuses to take a key of groups in the statement that gives it up:
-- the children of the row that had it have yet to go with it, or to follow it, and would be counted
-- for the row that has it now.

create function groups_refuse_taken_key()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if
        (tg_op = 'DELETE' or new.id <> old.id)
        and exists (select from groups as p where p.id = old.id)
    then
        raise unique_violation using
            message = format(
                'key %L of groups is given up and taken in one statement', old.id
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function groups_refuse_taken_key() from public;

comment on function groups_refuse_taken_key() is
    'Refuses to take a key of groups in the statement that gives it up.';

create trigger groups_refuse_taken_key
    after delete or update of id on groups
    for each row execute function groups_refuse_taken_key();

comment on trigger groups_refuse_taken_key on groups is
    'Refuses to take a key in the statement that gives it up.';
