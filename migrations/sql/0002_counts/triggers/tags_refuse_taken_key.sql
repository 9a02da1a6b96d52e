-- Refuses to take a key of tags in the statement that gives it up:
-- the children of the row that had it have yet to go with it, or to follow it, and would be counted
-- for the row that has it now.

create function tags_refuse_taken_key()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    if
        (tg_op = 'DELETE' or new.id <> old.id)
        and exists (select from tags as p where p.id = old.id)
    then
        raise unique_violation using
            message = format(
                'key %L of tags is given up and taken in one statement', old.id
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function tags_refuse_taken_key() from public;

comment on function tags_refuse_taken_key() is
    'Refuses to take a key of tags in the statement that gives it up.';

create trigger tags_refuse_taken_key
    after delete or update of id on tags
    for each row execute function tags_refuse_taken_key();

comment on trigger tags_refuse_taken_key on tags is
    'Refuses to take a key in the statement that gives it up.';
