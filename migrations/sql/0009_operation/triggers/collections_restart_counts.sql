-- Gone: collections_start_counts takes its place.

drop trigger collections_restart_counts on collections;

drop function collections_restart_counts();
