"""Changes beside the schema's own objects, which a check must not report."""

HARMLESS = {
    "a_table_beside_ours": "create table theirs (id int primary key check (id > 0))",
    "a_view_on_ours": "create view theirs as select id from artifact_summaries",
    "a_function_beside_ours": "create function theirs() returns int language sql as 'select 1'",
    "a_trigger_of_theirs": (
        "create table theirs (id int); create trigger t before update on theirs "
        "for each row execute function suppress_redundant_updates_trigger()"
    ),
    "an_index_on_ours": "create index theirs on artifacts (author)",
    "a_domain_beside_ours": "create domain theirs as int check (value > 0)",
    "statistics_of_ours": "alter table artifacts alter author set statistics 10",
    "rows": "insert into collections (id, name) values ('zz', 'ZZ')",
}
