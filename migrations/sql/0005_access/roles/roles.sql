-- Creates two group roles, named after the schema: <schema>_app reads and writes the domain
-- tables, <schema>_reader reads the views. Neither can write a count. If the migrating role may
-- not create roles, the script grants nothing and raises a notice.

do $roles$
declare
    app constant text := current_schema() || '_app';
    reader constant text := current_schema() || '_reader';
    role text;
begin
    foreach role in array array[app, reader] loop
        continue when exists (select from pg_roles where rolname = role);

        begin
            execute format('create role %I nologin', role);
        exception
            when duplicate_object or unique_violation then
                -- A migration of another database has just created it: databases share roles.
                null;
            when insufficient_privilege then
                raise notice 'the group roles were not created: % may not create roles', current_user
                    using hint = format(
                        'As an administrator run: create role %I; create role %I. '
                        || 'Then run: skillmeat migrate check --fix', app, reader
                    );
                return;
        end;
    end loop;

    -- For a login as the role itself, also through a pooler that refuses startup options. A role that
    -- is a member inherits privileges, but no settings.
    begin
        foreach role in array array[app, reader] loop
            execute format(
                'alter role %I in database %I set search_path = %I, pg_temp',
                role, current_database(), current_schema()
            );
            execute format('alter role %I in database %I set jit = off', role, current_database());
        end loop;
    exception
        when insufficient_privilege then
            -- Another role has created them, and may set this.
            null;
    end;

    execute format('grant usage on schema %I to %I, %I', current_schema(), app, reader);
    if not has_schema_privilege(app, current_schema(), 'usage') then
        raise notice 'the group roles may not use schema %: another role than % owns it',
            quote_ident(current_schema()), current_user using
            hint = format(
                'As its owner run: grant usage on schema %I to %I, %I', current_schema(), app, reader
            );
    end if;

    execute format(
        'grant select on
            artifact_summaries, artifact_summaries_live, artifact_summaries_json,
            artifact_summaries_snapshot,
            artifact_history, artifact_type_summaries, collection_summaries, group_summaries, tag_summaries,
            count_drift, summary_drift, snapshot_age, snapshot_bypass, alembic_version
        to %I, %I',
        app, reader
    );

    execute format(
        'grant select, delete on
            artifact_types, artifacts, artifact_versions, artifact_contents, tags, artifact_tags,
            collections, collection_artifacts, groups, group_artifacts, project_templates, sources,
            source_collections, source_artifacts
        to %I',
        app
    );

    -- Grant all columns of tables without counts, and all but the counts of the others.
    execute format(
        'grant insert, update on
            artifacts, artifact_versions, artifact_contents, artifact_tags, collection_artifacts,
            group_artifacts, project_templates, sources, source_collections, source_artifacts
        to %I',
        app
    );
    execute format('grant insert (type), update (type) on artifact_types to %I', app);
    execute format(
        'grant
            insert (id, name, slug, color, created_at, updated_at, is_imported),
            update (id, name, slug, color, created_at, updated_at, is_imported)
        on tags to %I',
        app
    );
    execute format(
        'grant
            insert (
                id, name, description, created_by, collection_type, context_category, source,
                created_at, updated_at
            ),
            update (
                id, name, description, created_by, collection_type, context_category, source,
                created_at, updated_at
            )
        on collections to %I',
        app
    );
    execute format(
        'grant
            insert (
                id, collection_id, name, description, color, icon, position, tags, created_at,
                updated_at
            ),
            update (
                id, collection_id, name, description, color, icon, position, tags, created_at,
                updated_at
            )
        on groups to %I',
        app
    );

    -- The HTTP server reads tokens; only the owner of the table creates them.
    execute format('grant select on api_tokens to %I', app);

    -- Pages are selected by the members of a collection, tag or group. A table with counts would
    -- show a reader settled counts, so its rows are read in the view.
    execute format(
        'grant select on
            artifacts, artifact_versions, collection_artifacts, artifact_tags, group_artifacts
        to %I',
        reader
    );

    -- To settle, to refresh and to analyze change no answer, so every application may do it.
    execute format(
        'grant execute on function
            settle_counts(), refresh_artifact_summaries(), analyze_grown_tables()
        to %I',
        app
    );
    execute format(
        'grant execute on function pending_counts(), refresh_status(), search_artifacts(text),
            summary_drift_of(text[])
        to %I, %I',
        app, reader
    );
end;
$roles$;
