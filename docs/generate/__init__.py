"""The generator of docs/reference/: docstrings, commands, the schema, OpenAPI and metrics."""
