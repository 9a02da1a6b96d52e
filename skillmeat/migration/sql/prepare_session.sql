-- Prepares a session for migrations: settings, the conditions of a catalogue, the schema itself.

set client_encoding = 'UTF8';
set client_min_messages = 'notice';
set search_path = ${schema}, pg_temp;
-- The statements are written for these defaults, which a database or a role can change.
set standard_conforming_strings = on;
set quote_all_identifiers = off;

-- A statement that waits for a lock makes later ones wait behind it. The limit is below
-- deadlock_timeout (1 s), so in a deadlock the migration fails and no other session.
set lock_timeout = '100ms';
set statement_timeout = 0;
set idle_session_timeout = 0;
set idle_in_transaction_session_timeout = 0;
-- The backfill takes a new snapshot for each statement, also if the database's default differs.
set default_transaction_isolation = 'read committed';
set skillmeat.schema = ${schema_literal};
set skillmeat.may_create_schema = '${may_create_schema}';

do $prepare$
declare
    catalogue constant text := current_setting('skillmeat.schema');
    named_database constant text := quote_ident(current_database());
    version constant text := current_setting('server_version');
    encoding constant text := current_setting('server_encoding');
    owner regrole;
    creators text;
    grantee record;
    revoked text[] := '{}';
begin
    -- Not in PostgreSQL 15 and 16.
    if current_setting('transaction_timeout', true) is not null then
        perform set_config('transaction_timeout', '0', false);
    end if;

    if current_setting('server_version_num')::int < ${oldest_version} then
        raise exception 'this server is PostgreSQL %, which is too old', version using
            errcode = 'feature_not_supported',
            hint = 'Use PostgreSQL 15 or newer.';
    end if;
    if encoding <> 'UTF8' then
        raise exception 'database % has the encoding %', named_database, encoding using
            errcode = 'feature_not_supported',
            hint = 'Use a database with UTF8: create database NAME encoding ''UTF8'' template template0';
    end if;
    if not has_database_privilege(current_database(), 'temp') then
        raise exception 'role % may not create temporary tables in database %, which a refresh needs',
            current_user, named_database using
            errcode = 'insufficient_privilege',
            hint = format(
                'As its owner run: grant temp on database %s to %I', named_database, current_user
            );
    end if;

    select n.nspowner into owner from pg_namespace as n where n.nspname = catalogue;
    if owner is null then
        if not current_setting('skillmeat.may_create_schema')::boolean then
            raise exception 'there is no schema %', quote_ident(catalogue) using
                errcode = 'invalid_schema_name',
                hint = 'Nothing is left to undo. To install a catalogue, run: skillmeat migrate up';
        end if;
        if not has_database_privilege(current_database(), 'create') then
            raise exception 'role % may not create a schema in database %',
                current_user, named_database using
                errcode = 'insufficient_privilege',
                hint = format(
                    'As its owner run: grant create on database %s to %I, or: '
                    || 'create schema %I authorization %2$I',
                    named_database, current_user, catalogue
                );
        end if;
        execute format('create schema %I', catalogue);
    else
        if not (
            pg_has_role(owner, 'usage')
            or exists (select from pg_roles as r where r.oid = owner and r.rolsuper)
            or exists (select from pg_database as d where d.datdba = owner and d.datname = current_database())
        ) then
            raise exception 'schema % belongs to another role', quote_ident(catalogue) using
                errcode = 'insufficient_privilege',
                hint = 'Choose a schema of your own.';
        end if;
        -- With a list of privileges, one of them would be enough.
        if not (
            has_schema_privilege(catalogue, 'create') and has_schema_privilege(catalogue, 'usage')
        ) then
            raise exception 'role % may not create objects in schema %',
                current_user, quote_ident(catalogue) using
                errcode = 'insufficient_privilege',
                hint = format(
                    'As its owner run: grant create, usage on schema %I to %I', catalogue, current_user
                );
        end if;
        -- A role that creates functions in the schema could make the owner's functions call them.
        select string_agg(named, ', ' order by named) into creators
        from pg_namespace as n, aclexplode(n.nspacl) as g,
            lateral (select case g.grantee when 0 then 'public' else g.grantee::regrole::text end) as r (named)
        where
            n.nspname = catalogue
            and g.privilege_type = 'CREATE'
            and g.grantee not in (n.nspowner, quote_ident(current_user)::regrole);
        if creators is not null then
            raise exception 'other roles may create objects in schema %, which its functions could call',
                quote_ident(catalogue) using
                errcode = 'insufficient_privilege',
                hint = format(
                    'Choose another schema, or run: revoke create on schema %I from %s', catalogue, creators
                );
        end if;
    end if;

    -- What ALTER DEFAULT PRIVILEGES granted with the schema; while it is empty, nothing else needs it.
    for grantee in
        select case g.grantee when 0 then 'public' else g.grantee::regrole::text end as named
        from pg_namespace as n, aclexplode(n.nspacl) as g
        where
            n.nspname = catalogue
            and n.nspname <> 'public'
            and pg_has_role(n.nspowner, 'usage')
            and g.grantee not in (n.nspowner, quote_ident(current_user)::regrole)
            and not exists (
                select
                from pg_depend as d
                where d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
            )
        group by g.grantee
    loop
        execute format('revoke all on schema %I from %s cascade', catalogue, grantee.named);
        revoked := revoked || grantee.named;
    end loop;
    if revoked <> '{}' then
        raise notice 'privileges on schema % were revoked from %',
            quote_ident(catalogue), array_to_string(revoked, ', ');
    end if;

    if to_regclass('alembic_version') is null and lower(chr(201)) <> chr(233) then
        raise notice 'database % folds the case of ASCII letters only', named_database using
            hint = 'The search ignores the case of no other letter. To change that, create the '
                || 'database with a locale such as C.UTF-8 or en_US.UTF-8.';
    end if;
end;
$prepare$;
