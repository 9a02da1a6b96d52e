-- pg_ivm keeps the counts. Newer versions have their functions in a schema of their own.

create extension if not exists pg_ivm;

do $$
declare
    create_immv constant text := (
        select p.oid::regproc::text from pg_proc as p where p.proname = 'create_immv'
    );
begin
    execute format(
        'select %s(%L, %L)',
        create_immv,
        'ivm_counts',
        'select collection_id, count(*) as artifact_count from collection_artifacts'
        || ' group by collection_id'
    );
    create index on ivm_counts (collection_id);
end;
$$;
