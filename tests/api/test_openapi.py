"""The OpenAPI document, checked against the server by schemathesis."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema_rs import is_valid
from starlette.routing import Match

from skillmeat.api import create_app
from tests.api.serving import RunningServer

CONFIG = Path(__file__).parent / "schemathesis.toml"
ROOT = Path(__file__).parents[2]


def schemathesis(
    server: RunningServer, folder: Path, *arguments: str, **environment: str
) -> tuple[int, str]:
    """Run schemathesis; return its exit code and its output."""
    found = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            f"--config-file={CONFIG}",
            "run",
            f"{server.address}/openapi.json",
            "--checks=all",
            "--generation-database=none",
            "--no-color",
            *arguments,
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        # It looks for a proxy at each request, and decodes the whole environment for that.
        env={"PYTHONPATH": str(ROOT), **environment},
    )
    return found.returncode, found.stdout + found.stderr


@pytest.fixture(scope="module")
def document(server: RunningServer) -> dict[str, Any]:
    """Return the OpenAPI document of the server."""
    found: dict[str, Any] = httpx.get(f"{server.address}/openapi.json", timeout=60).json()
    return found


def test_every_operation_is_described_and_has_a_described_tag(document: dict[str, Any]) -> None:
    operations = [each for path in document["paths"].values() for each in path.values()]
    described = {tag["name"] for tag in document["tags"] if tag["description"]}

    assert {tag for each in operations for tag in each["tags"]} == described
    assert all(each["description"].endswith(".") for each in operations)
    ids = [each["operationId"] for each in operations]
    assert len(set(ids)) == len(ids)
    assert all(document[part] for part in ("servers", "tags"))
    assert all(document["info"][part] for part in ("contact", "description", "license", "title"))


def test_every_reference_names_a_schema(document: dict[str, Any]) -> None:
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))

    assert named == {*document["components"]["schemas"]}


def test_no_route_is_hidden_by_an_earlier_one() -> None:
    routes = create_app(url="postgresql://localhost/none").state.routes
    hidden = []
    for route in routes:
        path = re.sub("{[^}]*}", "a", route.path_format)
        for method in route.methods:
            scope = {"type": "http", "method": method, "path": path}
            first = next(each for each in routes if each.matches(dict(scope))[0] is Match.FULL)
            if first is not route:
                hidden.append(f"{method} {path} is answered by {first.path}")

    assert hidden == []


def test_every_body_and_every_id_in_a_path_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    without = {
        f"{method} {path}: {each['name']}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for each in operation["parameters"]
        if each["in"] == "path" and "examples" not in each["schema"]
    }
    bodies = {
        media["schema"]["$ref"].rpartition("/")[2]
        for methods in document["paths"].values()
        for operation in methods.values()
        for media in operation.get("requestBody", {}).get("content", {}).values()
    }
    without |= {
        f"{name}.{field}"
        for name in bodies
        for field in schemas[name].get("required", ())
        if not {"examples", "$ref"} & {*schemas[name]["properties"][field]}
    }

    assert without == set()


@pytest.mark.usefixtures("artifacts")
@pytest.mark.parametrize(
    ("sent", "status", "found"),
    [
        ({}, 200, {"ETag"}),
        ({"If-None-Match": "*"}, 304, {"ETag"}),
        ({"Accept": "text/csv"}, 200, {"ETag", "Link", "X-Total-Count"}),
        ({"Accept": "image/png"}, 406, set()),
    ],
)
def test_the_document_describes_the_headers_of_responses(
    client: httpx.Client,
    document: dict[str, Any],
    sent: dict[str, str],
    status: int,
    found: set[str],
) -> None:
    answer = client.get("/artifacts?limit=1", headers=sent)

    described = document["paths"]["/api/v1/artifacts"]["get"]["responses"]
    known = document["components"]["headers"]
    assert answer.status_code == status
    assert {each for each in known if each in answer.headers} == found | {"X-Request-ID"}
    assert found | {"X-Request-ID"} <= {*described[str(status)]["headers"]} <= {*known}
    assert "Retry-After" in described["503"]["headers"]


@pytest.mark.parametrize(
    "body",
    [{}, {"title": None}, {"metadata": None}, {"metadata": {}}, {"metadata": {"title": None}}],
)
def test_an_edit_that_changes_nothing_is_invalid_by_the_document(
    server: RunningServer, document: dict[str, Any], body: dict[str, Any]
) -> None:
    schema = {"$ref": "#/components/schemas/ArtifactUpdate", "components": document["components"]}

    answer = httpx.put(f"{server.address}/api/v1/artifacts/skill:pdf", json=body)

    assert (is_valid(schema, body), answer.status_code) == (False, 400)
    assert is_valid(schema, {"metadata": {"title": "New"}})


@pytest.mark.skipif(shutil.which("spectral") is None, reason="needs the linter spectral")
def test_the_document_passes_the_linter(document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    (tmp_path / ".spectral.yaml").write_text("extends: spectral:oas\n")

    found = subprocess.run(
        ["spectral", "lint", "openapi.json", "--fail-severity=hint"],  # noqa: S607 - any version
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )

    assert found.returncode == 0, found.stdout


def test_each_endpoint_conforms_to_the_openapi_document(
    server: RunningServer, tmp_path: Path
) -> None:
    code, message = schemathesis(
        server,
        tmp_path,
        *("--phases=examples,coverage", "--seed=1"),
        SCHEMATHESIS_HOOKS="tests.api.schemathesis_hooks",
    )

    assert code == 0, message


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(5))
def test_random_sequences_of_requests_conform_to_the_openapi_document(
    server: RunningServer, tmp_path: Path, seed: int
) -> None:
    code, message = schemathesis(server, tmp_path, f"--seed={seed}", "--max-examples=50")

    assert code == 0, message
