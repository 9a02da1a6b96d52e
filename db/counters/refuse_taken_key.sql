-- Refuses to take a key of ${parent} in the statement that gives it up:
-- the children of the row that had it have yet to go with it, or to follow it, and would be counted
-- for the row that has it now.

create function ${parent}_refuse_taken_key()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if
        (tg_op = 'DELETE' or new.${parent_key} <> old.${parent_key})
        and exists (select from ${parent} as p where p.${parent_key} = old.${parent_key})
    then
        raise unique_violation using
            message = format(
                'key %L of ${parent} is given up and taken in one statement', old.${parent_key}
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function ${parent}_refuse_taken_key() from public;

comment on function ${parent}_refuse_taken_key() is
    'Refuses to take a key of ${parent} in the statement that gives it up.';

create trigger ${parent}_refuse_taken_key
    after delete or update of ${parent_key} on ${parent}
    for each row execute function ${parent}_refuse_taken_key();

comment on trigger ${parent}_refuse_taken_key on ${parent} is
    'Refuses to take a key in the statement that gives it up.';
