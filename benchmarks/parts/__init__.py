"""What benchmarks are made of: the processes measured and those beside them, ledgers, clocks and figures."""
