"""Write docs/reference/ from the code: docstrings, commands, the schema, OpenAPI and metrics."""
