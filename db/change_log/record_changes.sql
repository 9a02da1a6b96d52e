-- Logs the artifacts whose summaries a statement on ${table} changes. The INSERT waits for no other
-- transaction, and commits or rolls back with the change that it logs.
<%include file="/change_log/record_changes.mako" args="counts=False, logs=True"/>\
