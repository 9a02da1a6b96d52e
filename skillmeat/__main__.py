"""`python -m skillmeat`."""

from skillmeat.cli import main

main()
