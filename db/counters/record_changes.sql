-- Counts the rows of ${child} in ${parent}.${count}.
--
-- The trigger sums a statement's rows for each parent and appends one delta for each to
-- count_changes. An INSERT waits for no other transaction, so no writer waits because of a count.
<%include file="/change_log/record_changes.mako" args="counts=True, logs=False, parent=parent"/>\
