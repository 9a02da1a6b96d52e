-- Counts the rows of ${child} in ${parent}.${count}, and logs the artifacts whose summaries change.
--
-- The trigger sums a statement's rows for each parent and appends one delta for each to
-- count_changes. It appends the ids of the artifacts to artifact_changes. An INSERT waits for no
-- other transaction, so no writer waits because of a count or a summary.
<%include file="/change_log/record_changes.mako" args="counts=True, logs=True, parent=parent"/>\
