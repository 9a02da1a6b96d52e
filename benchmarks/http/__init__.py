"""Pages over HTTP: our server, a bare FastAPI endpoint and PostgREST."""
