-- Refuses a statement that frees a key of artifact_types and gives it to another row.
-- The children of the first row still carry the key when the trigger counts them, so they would be
-- counted for the second row.

create or replace function artifact_types_refuse_key_reuse()
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

revoke execute on function artifact_types_refuse_key_reuse() from public;

comment on function artifact_types_refuse_key_reuse() is
    'Refuses a statement that frees a key of artifact_types and gives it to another row.';

create or replace trigger artifact_types_refuse_key_reuse
    after delete or update of type on artifact_types
    for each row execute function artifact_types_refuse_key_reuse();

comment on trigger artifact_types_refuse_key_reuse on artifact_types is
    'Refuses a statement that frees a key and gives it to another row.';
