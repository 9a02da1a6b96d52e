"""Around every request: its id, its statistics, and the limits on its size."""
