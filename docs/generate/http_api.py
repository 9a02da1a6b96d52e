"""Render the endpoints from OpenAPI, and the metrics from the answer of a server."""

import asyncio
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from prometheus_client.parser import text_string_to_metric_families

from docs.generate.markdown import one_line, table
from skillmeat.api import ServerConfig, create_app
from skillmeat.api.routes.responses import PREFIX
from skillmeat.maintenance.refresh import refresh_once

_OF_EACH_SAMPLE = {"le"}
_SECONDS_TO_BE_READY = 60
_MOMENT_OF_CREATION = "_created"


def render_http(url: str) -> str:
    """Render every operation, grouped by tag, and every schema."""
    document = create_app(url=url).openapi()
    schemas = document["components"]["schemas"]
    operations = [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    in_common = _in_common([each for _, path, each in operations if path.startswith(PREFIX)])
    sections: dict[str, list[str]] = {}
    for method, path, operation in operations:
        tag = (operation.get("tags") or ["other"])[0]
        sections.setdefault(tag, []).append(_operation(method, path, operation, in_common))
    parts = [
        "## Every operation\n",
        f"Every operation below `{PREFIX}` takes and gives these, too:\n",
        *_tables(*in_common),
    ]
    for tag, rendered in sections.items():
        parts += [f"## {tag}\n", *rendered]
    parts.append("## Bodies\n")
    for name, schema in schemas.items():
        parts += [f"### {name}\n", _fields(schema)]
    return "\n".join(part for part in parts if part.strip())


Rows = list[tuple[str, str, str]]


def _in_common(operations: list[dict[str, Any]]) -> tuple[Rows, Rows]:
    """Return the parameters and the answers that all operations have."""
    first, *others = ((_parameters(each), _answers(each)) for each in operations)
    parameters, answers = (
        [row for row in rows if all(row in each[part] for each in others)]
        for part, rows in enumerate(first)
    )
    return parameters, answers


def _operation(
    method: str, path: str, operation: dict[str, Any], in_common: tuple[Rows, Rows]
) -> str:
    summary = operation.get("description") or operation.get("summary") or ""
    body = _schema(operation.get("requestBody", {}))
    parameters, answers = (
        [row for row in rows if row not in common]
        for rows, common in zip(
            (_parameters(operation), _answers(operation)), in_common, strict=True
        )
    )
    parts = [
        f"### {method.upper()} {path}\n",
        f"{summary.strip()}\n",
        *_tables(parameters, answers, between=f"Body: {body}.\n" if body else ""),
    ]
    return "\n".join(part for part in parts if part.strip())


def _tables(parameters: Rows, answers: Rows, *, between: str = "") -> tuple[str, str, str]:
    return (
        table(("parameter", "in", "meaning"), parameters),
        between,
        table(("status", "meaning", "body"), answers),
    )


def _parameters(operation: dict[str, Any]) -> Rows:
    return [
        (f"`{each['name']}`", each["in"], one_line(each.get("description")))
        for each in operation.get("parameters", [])
    ]


def _answers(operation: dict[str, Any]) -> Rows:
    return [
        (code, one_line(each.get("description")), _schema(each))
        for code, each in operation["responses"].items()
    ]


def _fields(schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (f"`{field}`", "yes" if field in required else "", one_line(each.get("description")))
        for field, each in schema.get("properties", {}).items()
    ]
    return table(("field", "required", "meaning"), rows)


def _schema(content: dict[str, Any]) -> str:
    for media in content.get("content", {}).values():
        reference = media.get("schema", {}).get("$ref", "")
        if reference:
            return f"`{reference.rpartition('/')[2]}`"
    return ""


def render_metrics(url: str) -> str:
    """Render every metric of a server on the migrated database at `url`."""
    refresh_once(url)
    # A server that reads from its primary as it would from a standby has every metric.
    text = asyncio.run(_read_metrics(create_app(ServerConfig(read_url=url), url=url)))
    rows = []
    for family in text_string_to_metric_families(text):
        if family.name.endswith(_MOMENT_OF_CREATION):
            continue
        labels = {label for sample in family.samples for label in sample.labels}
        named = ", ".join(f"`{each}`" for each in sorted(labels - _OF_EACH_SAMPLE))
        name = family.name + ("_total" if family.type == "counter" else "")
        rows.append((f"`{name}`", family.type, named, one_line(family.documentation)))
    return table(("metric", "type", "labels", "meaning"), sorted(rows))


async def _read_metrics(app: FastAPI) -> str:
    async with (
        app.router.lifespan_context(app),
        AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client,
        asyncio.timeout(_SECONDS_TO_BE_READY),
    ):
        # The metric of drift exists after the first comparison, that of the lag after a poll of the
        # standby, and those of requests and reads after a request.
        while not _is_ready(await client.get("/readyz")):  # noqa: ASYNC110 - only the answer tells
            await asyncio.sleep(0.1)
        await client.get("/api/v1/tags")
        # Only a server for all services records this.
        app.state.metrics.record_service("name", status=200)
        return (await client.get("/metrics")).text


def _is_ready(response: Response) -> bool:
    return response.is_success and all(
        each["lag"] is not None for each in response.json()["standbys"]
    )
