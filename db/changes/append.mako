<%doc>
    Notes the artifacts in the array `changed` as changed, or all of them where that is shorter:
    the empty id, which no artifact has, stands for every artifact.
</%doc>
<%! MOST = 4096 %>
<%def name="append()">\
if cardinality(changed) > ${MOST} then
        insert into artifact_changes (artifact_id) values ('');
    else
        insert into artifact_changes (artifact_id) select distinct unnest(changed);
    end if;\
</%def>
