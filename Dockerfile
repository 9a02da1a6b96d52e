# The HTTP server; compose.yaml puts it beside a PostgreSQL.
FROM python:3.13-slim

COPY . /source
RUN pip install --no-cache-dir '/source[api]' && rm -rf /source

USER nobody
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8080/readyz')"]
CMD ["skillmeat", "serve", "--host", "0.0.0.0"]
