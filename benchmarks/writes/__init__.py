"""The benchmark of writes: every variant that keeps counts, under every workload."""
