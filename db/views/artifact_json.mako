<%!
    from inspect import cleandoc
    from textwrap import indent

    from skillmeat.catalogue.artifact_metadata import TOOLS, UUID, select_list, select_texts
    from skillmeat.catalogue.time_format import select_time


    def sql(fragment, depth):
        return indent(cleandoc(fragment.as_string()), " " * depth).strip()
%>\
<%doc>
    The JSON of an artifact in the HTTP API, without its collections, from the columns of a row `s`.

    `json_build_object` would look up the type of each member in each row. `json_object` takes texts
    only, so lists stand before the texts. The text of an object without its first character is
    cheap; without its last one, PostgreSQL counts its characters.
</%doc>\
<%def name="document()">\
'{"aliases" : '
    || (
        ${sql(select_texts("aliases"), 8)}
    )::text
    || ', "target_platforms" : '
    || coalesce(nullif(
        ${sql(select_texts("target_platforms"), 8)},
        '[]'
    )::text, 'null')
    || ', "tags" : '
    || array_to_json(s.tags)::text
    || ', "metadata" : {"tags" : '
    || array_to_json(s.tags)::text
    || ', "dependencies" : '
    || (
        ${sql(select_texts("dependencies"), 8)}
    )::text
    || ', "tools" : '
    || (
        ${sql(TOOLS, 8)}
    )::text
    || ', "linked_artifacts" : '
    || (
        ${sql(select_list("linked_artifacts"), 8)}
    )::text
    || ', "unlinked_references" : '
    || (
        ${sql(select_list("unlinked_references"), 8)}
    )::text
    || ', '
    || right(json_object(
        '{title,description,author,license,version}',
        array[s.title, s.description, s.author, s.license, s.version]
    )::text, -1)
    || ', '
    || right(json_object(
        '{id,uuid,name,type,source,origin,origin_source,version,added,updated}',
        array[
            s.id,
            ${sql(UUID, 12)},
            s.name,
            s.type,
            coalesce(s.source, 'local'),
            coalesce(s.origin, 'local'),
            s.metadata ->> 'origin_source',
            coalesce(s.metadata ->> 'version_spec', 'unknown'),
            ${sql(select_time("s.added_at"), 12)},
            ${sql(select_time("s.updated_at"), 12)}
        ]
    )::text, -1)\
</%def>
