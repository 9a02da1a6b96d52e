"""The way to the database: connections, pools, standbys, statements and what they cost."""
