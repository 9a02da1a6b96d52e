-- Lists why the old server cannot send a catalogue, each with the remedy.
select p.problem
from pg_roles as r
inner join pg_database as d on d.datname = current_database()
cross join lateral (
    values
    (
        current_setting('wal_level') <> 'logical',
        'has wal_level ' || current_setting('wal_level')
        || ': run ALTER SYSTEM SET wal_level = logical there, then restart it'
    ),
    (
        not (r.rolsuper or r.rolreplication),
        format('does not let role %I replicate: run ALTER ROLE %1$I REPLICATION there', r.rolname)
    ),
    (
        not has_database_privilege(d.oid, 'create'),
        format(
            'does not let role %I create a publication: run GRANT CREATE ON DATABASE %I TO %1$I there',
            r.rolname, d.datname
        )
    ),
    (
        current_setting('max_replication_slots')::int
        - (select count(*) from pg_replication_slots) < 2,
        'has no two free replication slots: raise max_replication_slots there, and restart it'
    ),
    (
        current_setting('max_wal_senders')::int
        - (select count(*) from pg_stat_replication) < 2,
        'has no two free WAL senders: raise max_wal_senders there, and restart it'
    ),
    (
        exists (select from pg_prepared_xacts as x where x.database = d.datname),
        (
            select format(
                'has the prepared transaction %L: commit or roll it back first', min(x.gid)
            )
            from pg_prepared_xacts as x
            where x.database = d.datname
        )
    )
) as p (is_so, problem)
where r.rolname = current_user and p.is_so
