-- Refuses to delete or rename a row of ${parent} if the snapshot still shows rows of ${child} that
-- another transaction has removed from it.
--
-- The cascade does not find them, because they are gone. So above READ COMMITTED they would stay
-- visible to this transaction, and no count of a later row with the same key contains them.

create or replace function ${parent}_refuse_stale_${count}()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
    set row_security = off
as $$
begin
    if current_setting('transaction_isolation') not in ('repeatable read', 'serializable') then
        return null;
    end if;

    if
        (tg_op = 'DELETE' or new.${parent_key} <> old.${parent_key})
        and exists (select from ${child} as c where c.${child_key} = old.${parent_key})
    then
        raise serialization_failure using
            message = format(
                'another transaction has removed rows of ${child} from %L since this snapshot',
                old.${parent_key}
            ),
            hint = 'Run the transaction again.';
    end if;

    return null;
end;
$$;

revoke execute on function ${parent}_refuse_stale_${count}() from public;

comment on function ${parent}_refuse_stale_${count}() is
    'Raises 40001 if the snapshot shows rows of ${child} that a cascade cannot find.';

create or replace trigger ${parent}_refuse_stale_${count}
    after delete or update of ${parent_key} on ${parent}
    for each row execute function ${parent}_refuse_stale_${count}();

comment on trigger ${parent}_refuse_stale_${count} on ${parent} is
    'Raises 40001 if the snapshot shows rows of ${child} that a cascade cannot find.';
