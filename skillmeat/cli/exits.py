"""What the exit codes mean; wrong usage is 2, as Typer has it."""

EXIT_REFUSED = 1
EXIT_INTERRUPTED = 130
