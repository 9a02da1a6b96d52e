"""Render the endpoints from OpenAPI, and the metrics from the answer of a server."""

import asyncio
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from prometheus_client.parser import text_string_to_metric_families

from docs.generate.markdown import one_line, table
from skillmeat.api import ServerConfig, create_app
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
    in_common = _in_common([operation for _, _, operation in operations])
    sections: dict[str, list[str]] = {}
    for method, path, operation in operations:
        tag = (operation.get("tags") or ["other"])[0]
        sections.setdefault(tag, []).append(_operation(method, path, operation, in_common))
    parts = ["## Every operation\n", table(("status", "meaning", "body"), in_common)]
    for tag, rendered in sections.items():
        parts += [f"## {tag}\n", *rendered]
    parts.append("## Bodies\n")
    for name, schema in schemas.items():
        parts += [f"### {name}\n", _fields(schema)]
    return "\n".join(part for part in parts if part.strip())


def _in_common(operations: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    first, *others = (_answers(each) for each in operations)
    return sorted(answer for answer in first if all(answer in each for each in others))


def _operation(
    method: str, path: str, operation: dict[str, Any], in_common: list[tuple[str, str, str]]
) -> str:
    summary = operation.get("description") or operation.get("summary") or ""
    parameters = [_parameter(each) for each in operation.get("parameters", [])]
    body = _schema(operation.get("requestBody", {}))
    answers = sorted(each for each in _answers(operation) if each not in in_common)
    parts = [
        f"### {method.upper()} {path}\n",
        f"{summary.strip()}\n",
        table(("parameter", "in", "meaning"), parameters),
        f"Body: {body}.\n" if body else "",
        table(("status", "meaning", "body"), answers),
    ]
    return "\n".join(part for part in parts if part.strip())


def _answers(operation: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (code, one_line(each.get("description")), _schema(each))
        for code, each in operation["responses"].items()
    ]


def _parameter(parameter: dict[str, Any]) -> tuple[str, str, str]:
    return f"`{parameter['name']}`", parameter["in"], one_line(parameter.get("description"))


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
