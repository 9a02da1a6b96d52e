-- Drops the triggers of our counts and our change log; the tables stay as they are.

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
        where
            c.relnamespace = current_schema()::regnamespace
            and not t.tgisinternal
            and t.tgname ~ '_record_changes_on_'
    loop
        execute format('drop trigger %I on %s', ours.tgname, ours.target);
    end loop;
end;
$$;
