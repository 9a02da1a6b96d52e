-- Gone: groups_start_counts takes its place.

drop trigger groups_restart_counts on groups;

drop function groups_restart_counts();
