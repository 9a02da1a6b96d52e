-- group_artifacts follows a renamed collection along two foreign keys, and between the two its rows
-- fit neither: the checks wait until the statement is through.

create function collections_defer_group_checks()
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
    'Puts off the foreign keys of group_artifacts while a collection is renamed.';

create trigger collections_defer_group_checks
    before update of id on collections
    for each row
    when (new.id <> old.id)
    execute function collections_defer_group_checks();

comment on trigger collections_defer_group_checks on collections is
    'Puts off the foreign keys of group_artifacts while a collection is renamed.';

create function collections_check_groups()
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
    'Checks the foreign keys of group_artifacts once a collection was renamed.';

create trigger collections_check_groups
    after update of id on collections
    for each statement execute function collections_check_groups();

comment on trigger collections_check_groups on collections is
    'Checks the foreign keys of group_artifacts once a collection was renamed.';
