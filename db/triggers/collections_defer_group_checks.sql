-- Defers the two foreign keys of group_artifacts while a collection is renamed. ON UPDATE
-- CASCADE changes its rows through one key after the other. Between the two they violate both.

create or replace function collections_defer_group_checks()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    set constraints group_artifacts_are_in_a_group, group_artifacts_are_members deferred;
    return new;
end;
$$;

revoke execute on function collections_defer_group_checks() from public;

comment on function collections_defer_group_checks() is
    'Defers the foreign keys of group_artifacts while a collection is renamed.';

create or replace trigger collections_defer_group_checks
    before update of id on collections
    for each row
    when (new.id <> old.id)
    execute function collections_defer_group_checks();

comment on trigger collections_defer_group_checks on collections is
    'Defers the foreign keys of group_artifacts while a collection is renamed.';

create or replace function collections_check_groups()
    returns trigger
    language plpgsql
    security definer
    set search_path from current
as $$
begin
    set constraints group_artifacts_are_in_a_group, group_artifacts_are_members immediate;
    return null;
end;
$$;

revoke execute on function collections_check_groups() from public;

comment on function collections_check_groups() is
    'Checks the foreign keys of group_artifacts after a collection was renamed.';

create or replace trigger collections_check_groups
    after update of id on collections
    for each statement execute function collections_check_groups();

comment on trigger collections_check_groups on collections is
    'Checks the foreign keys of group_artifacts after a collection was renamed.';
