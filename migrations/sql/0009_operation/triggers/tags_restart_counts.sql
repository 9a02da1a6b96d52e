-- Gone: tags_start_counts takes its place.

drop trigger tags_restart_counts on tags;

drop function tags_restart_counts();
