-- Gone: artifact_types_start_counts takes its place.

drop trigger artifact_types_restart_counts on artifact_types;

drop function artifact_types_restart_counts();
