<%doc>
    The JSON of a collection in a summary, up to its count, from the columns of `row`. A page adds
    the count and a brace.
</%doc>\
<%def name="json_prefix(row)">\
left(json_object('{id,name}', array[${row}.id, ${row}.name]::text[])::text, -1)
    || ', "artifact_count" : '\
</%def>
