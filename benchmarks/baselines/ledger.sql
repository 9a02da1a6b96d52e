-- Append only: each statement adds its changes to a ledger, and readers sum them. A real system must
-- fold the ledger, or a read costs as much as COUNT(*). The figures do not include that cost.

create table ledger (
    collection_id text collate "C" not null,
    delta bigint not null
);
create index ledger_collection_id_idx on ledger (collection_id) include (delta);

create function append_to_ledger()
    returns trigger
    language plpgsql
    set search_path from current
as $$
begin
    if tg_op in ('INSERT', 'UPDATE') then
        insert into ledger
        select n.collection_id, count(*) from new_rows as n group by n.collection_id;
    end if;
    if tg_op in ('DELETE', 'UPDATE') then
        insert into ledger
        select o.collection_id, -count(*) from old_rows as o group by o.collection_id;
    end if;
    return null;
end;
$$;

create trigger append_to_ledger_on_insert
    after insert on collection_artifacts
    referencing new table as new_rows
    for each statement execute function append_to_ledger();

create trigger append_to_ledger_on_delete
    after delete on collection_artifacts
    referencing old table as old_rows
    for each statement execute function append_to_ledger();

create trigger append_to_ledger_on_update
    after update on collection_artifacts
    referencing old table as old_rows new table as new_rows
    for each statement execute function append_to_ledger();
