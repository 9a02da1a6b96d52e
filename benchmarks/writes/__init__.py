"""Everything that can keep a count, under everything that changes one."""
