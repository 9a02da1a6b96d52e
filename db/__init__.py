"""The present truth of what the database enforces; see README.md."""
