"""What a connection records, and positions in the write-ahead log."""
