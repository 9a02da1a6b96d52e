-- Sets the id of a new or renamed artifact. The id is a plain column: if it were generated, the
-- trigger that sets updated_at would make PostgreSQL lock every edited row as if its key changed,
-- and an edit would wait for open writers of the artifact's memberships, tags and versions.
-- A CHECK refuses an id that is not type:name.

create or replace function artifacts_set_id()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    new.id := new.type || ':' || new.name;
    return new;
end;
$$;

revoke execute on function artifacts_set_id() from public;

comment on function artifacts_set_id() is 'Sets the id of an artifact to type:name.';

create or replace trigger artifacts_set_id_on_insert
    before insert on artifacts
    for each row
    when (new.id is null)
    execute function artifacts_set_id();

create or replace trigger artifacts_set_id_on_rename
    before update of type, name on artifacts
    for each row
    when (new.id = old.id)
    execute function artifacts_set_id();

-- Rows need their id also where triggers are bypassed, as session_replication_role = replica does.
alter table artifacts
    enable always trigger artifacts_set_id_on_insert,
    enable always trigger artifacts_set_id_on_rename;

comment on trigger artifacts_set_id_on_insert on artifacts is
    'Sets the id of a new artifact that has none.';
comment on trigger artifacts_set_id_on_rename on artifacts is
    'Sets the id of an artifact when its type or name changes.';
