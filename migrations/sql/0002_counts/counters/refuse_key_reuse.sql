-- Refuses a statement that frees a key of ${parent} and gives it to another row.
-- The children of the first row still carry the key when the trigger counts them, so they would be
-- counted for the second row.

create or replace function ${parent}_refuse_key_reuse()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
as $$
begin
    if
        (tg_op = 'DELETE' or new.${parent_key} <> old.${parent_key})
        and exists (select from ${parent} as p where p.${parent_key} = old.${parent_key})
    then
        raise unique_violation using
            message = format(
                'key %L of ${parent} is freed and reused in one statement', old.${parent_key}
            ),
            hint = 'Use two statements.';
    end if;

    return null;
end;
$$;

revoke execute on function ${parent}_refuse_key_reuse() from public;

comment on function ${parent}_refuse_key_reuse() is
    'Refuses a statement that frees a key of ${parent} and gives it to another row.';

create or replace trigger ${parent}_refuse_key_reuse
    after delete or update of ${parent_key} on ${parent}
    for each row execute function ${parent}_refuse_key_reuse();

comment on trigger ${parent}_refuse_key_reuse on ${parent} is
    'Refuses a statement that frees a key and gives it to another row.';
