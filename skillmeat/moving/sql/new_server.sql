-- Lists why the new server cannot receive a catalogue, each with the remedy.
select p.problem
from pg_roles as r
inner join pg_database as d on d.datname = current_database()
cross join lateral (
    values
    (
        not r.rolsuper and current_setting('server_version_num')::int < 160000,
        'does not let role ' || quote_ident(r.rolname)
        || ' create a subscription: before PostgreSQL 16 only a superuser may'
    ),
    (
        not r.rolsuper and current_setting('server_version_num')::int >= 160000
        and not exists (
            select from pg_roles as m
            where m.rolname = 'pg_create_subscription' and pg_has_role(m.oid, 'usage')
        ),
        format(
            'does not let role %I create a subscription: run GRANT pg_create_subscription TO %1$I there',
            r.rolname
        )
    ),
    (
        not has_database_privilege(d.oid, 'create'),
        format(
            'does not let role %I create a schema: run GRANT CREATE ON DATABASE %I TO %1$I there',
            r.rolname, d.datname
        )
    ),
    (
        current_setting('max_logical_replication_workers')::int
        - (select count(*) from pg_stat_subscription as s where s.pid is not null) < 2,
        'has no two free workers: raise max_logical_replication_workers there, and restart it'
    ),
    (
        current_setting('max_sync_workers_per_subscription')::int = 0,
        'copies no table, as max_sync_workers_per_subscription is 0: set it to 2 there, and reload'
    ),
    (
        coalesce(
            current_setting('max_active_replication_origins', true),
            current_setting('max_replication_slots')
        )::int - (select count(*) from pg_replication_origin) < 2,
        'has no two free replication origins: raise '
        || case
            when current_setting('server_version_num')::int < 180000 then 'max_replication_slots'
            else 'max_active_replication_origins'
        end || ' there, and restart it'
    )
) as p (is_so, problem)
where r.rolname = current_user and p.is_so
