"""The benchmark of reads: every contender, for every request."""
