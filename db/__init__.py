"""The SQL that a migrated database holds, and its renderer; see README.md."""
