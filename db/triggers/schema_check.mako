<%doc>
    A function stores the name of its schema in its search_path. After ALTER SCHEMA … RENAME a trigger
    would write to another catalogue, or fail to find its own, so it raises an error instead.
</%doc>
<%def name="refuse_renamed_schema()">\
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, but its functions name the old schema', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;
</%def>
