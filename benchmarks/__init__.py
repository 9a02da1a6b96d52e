"""The benchmarks: the cost of reads and writes, as ratios within one run."""
