"""The middleware of every request: its id, its statistics and its limits."""
