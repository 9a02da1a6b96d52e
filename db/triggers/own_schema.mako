<%doc>
    Functions carry the name of their schema. Where schemas were renamed, or swapped, a trigger would
    write to another catalogue, or find none.
</%doc>
<%def name="refuse_renamed()">\
    if tg_table_schema is distinct from current_schema() then
        raise object_not_in_prerequisite_state using
            message = format('schema %I was renamed, and its triggers were not', tg_table_schema),
            hint = 'As its owner run: skillmeat migrate check --fix';
    end if;
</%def>
