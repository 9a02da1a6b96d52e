-- Refuses the next revision unless the schema is at the one that it follows.
do $expect$
declare
    expected constant text := ${expected};
    found text;
begin
    if to_regclass('alembic_version') is not null then
        select string_agg(v.version_num, ' and ') into found from alembic_version as v;
    end if;
    if found is distinct from expected then
        raise exception 'schema % is at %, and the next revision of this script follows %',
            current_schema(), coalesce(found, 'base'), coalesce(expected, 'base') using
            errcode = 'object_not_in_prerequisite_state',
            hint = case when found is not distinct from nullif(${target}, 'base')
                then 'Nothing is left to do.'
                else format(
                    'Print what is left: skillmeat migrate sql %s:%s',
                    coalesce(found, 'base'), ${target}
                )
            end;
    end if;
    if expected is null and to_regclass('${first_table}') is not null then
        raise exception 'schema % has tables of a catalogue and no revision', current_schema() using
            errcode = 'object_not_in_prerequisite_state',
            hint = 'Run: skillmeat migrate status';
    end if;
    if expected is null and to_regclass('alembic_version') is not null then
        -- It has no row: the last downgrade or an interrupted upgrade has left it.
        drop table alembic_version;
    end if;
end;
$expect$;
