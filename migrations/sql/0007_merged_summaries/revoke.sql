-- Takes back what this revision granted on tables and functions that stay.

do $revoke$
declare
    app constant text := current_schema() || '_app';
    reader constant text := current_schema() || '_reader';
begin
    if exists (select from pg_roles where rolname = app) then
        execute format('revoke all on function refresh_artifact_summaries() from %I', app);
        execute format('revoke all on function refresh_status() from %I', app);
        execute format('revoke all on artifact_summaries_snapshot from %I', app);
    end if;

    if exists (select from pg_roles where rolname = reader) then
        execute format('revoke all on function refresh_status() from %I', reader);
        execute format('revoke all on artifact_summaries_snapshot from %I', reader);
        execute format(
            'revoke select on collection_artifacts, artifact_tags, group_artifacts from %I', reader
        );
    end if;
end;
$revoke$;
