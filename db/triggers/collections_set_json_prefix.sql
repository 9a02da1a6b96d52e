<%namespace name="json" file="/triggers/json_prefix.mako"/>\
-- Sets the JSON of a new or renamed collection. It is a plain column: PostgreSQL would parse the
-- expression of a generated column, or a CHECK, in every settling commit.

create or replace function collections_set_json_prefix()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    new.json_prefix := ${capture(json.json_prefix, "new").replace('\n', '\n    ')};
    return new;
end;
$$;

revoke execute on function collections_set_json_prefix() from public;

comment on function collections_set_json_prefix() is
    'Sets the JSON of a collection in a summary, up to its count.';

create or replace trigger collections_set_json_prefix
    before insert or update of id, name, json_prefix on collections
    for each row execute function collections_set_json_prefix();

-- Pages need it also where triggers are bypassed, as session_replication_role = replica does.
alter table collections enable always trigger collections_set_json_prefix;

comment on trigger collections_set_json_prefix on collections is
    'Sets json_prefix of a new or renamed collection, and ignores a given value.';
