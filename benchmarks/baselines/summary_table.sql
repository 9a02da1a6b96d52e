-- A table of ready rows: each writer writes again the rows that it changes. The table has no counts,
-- because a new member of `default` would rewrite every row. The row trigger keeps the counts.

create table summaries as
select * from artifact_details;
alter table summaries add primary key (id);

create function summarise()
    returns trigger
    language plpgsql
    set search_path from current
as $$
declare
    changed text[];
begin
    case
        when tg_table_name = 'artifacts' and tg_op = 'DELETE' then changed := array[old.id];
        when tg_table_name = 'artifacts' and tg_op = 'INSERT' then changed := array[new.id];
        when tg_table_name = 'artifacts' then changed := array[old.id, new.id];
        when tg_op = 'DELETE' then changed := array[old.artifact_id];
        when tg_op = 'INSERT' then changed := array[new.artifact_id];
        else changed := array[old.artifact_id, new.artifact_id];
    end case;

    -- Another session that changes the same artifact waits here and then sees this change.
    perform from artifacts as a where a.id = any (changed) order by a.id for no key update;
    delete from summaries as s where s.id = any (changed);
    insert into summaries select * from artifact_details as d where d.id = any (changed);
    return null;
end;
$$;

create trigger summarise
    after insert or update or delete on artifacts
    for each row execute function summarise();

create trigger summarise
    after insert or update or delete on collection_artifacts
    for each row execute function summarise();

create trigger summarise
    after insert or update or delete on artifact_tags
    for each row execute function summarise();

create trigger summarise
    after insert or update or delete on artifact_versions
    for each row execute function summarise();
