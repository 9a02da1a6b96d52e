-- Drops the triggers of the change log: this shows the cost of the counts alone.

do $$
declare
    ours record;
begin
    for ours in
        select
            t.tgname,
            t.tgrelid::regclass as target
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid
        where c.relnamespace = current_schema()::regnamespace and t.tgname ~ '_log_changes_on_'
    loop
        execute format('drop trigger %I on %s', ours.tgname, ours.target);
    end loop;
end;
$$;
