"""Load: many clients that read and write at once and check every answer."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

ARTIFACTS = [f"skill:s{number}" for number in range(40)]
COLLECTIONS = ["default", *(f"c{number}" for number in range(5))]
EXPECTED = {200, 201, 204, 404, 409, 503}


@dataclass
class LoadResult:
    """The statuses of all answers, and a list of the wrong ones."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def run_clients(
    address: str, *, clients: int, requests: int, halfway: Callable[[], None]
) -> LoadResult:
    """Let each client send its requests; call `halfway` after half of them."""
    seen = LoadResult()
    left = clients * requests
    struck: asyncio.Future[None] | None = None
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)

    async def work(seed: int, client: httpx.AsyncClient) -> None:
        nonlocal left, struck
        draw = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(requests):
            method, path, body = _draw_request(draw)
            try:
                answer = await client.request(method, path, json=body)
            except httpx.HTTPError as error:
                seen.wrong.append(f"{method} {path}: {error!r}")
                continue
            finally:
                left -= 1
            _check_answer(method, path, answer, seen)
            if struck is None and left < clients * requests / 2:
                struck = asyncio.ensure_future(asyncio.to_thread(halfway))

    async with httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=60, limits=limits) as client:
        await asyncio.gather(*(work(seed, client) for seed in range(clients)))
    if struck is not None:
        await struck
    return seen


def _draw_request(draw: random.Random) -> tuple[str, str, dict[str, Any] | None]:
    collection = f"/user-collections/{draw.choice(COLLECTIONS)}"
    return draw.choice(
        [
            ("GET", "/artifacts?limit=50", None),
            ("GET", f"/artifacts/{draw.choice(ARTIFACTS)}", None),
            ("GET", "/user-collections", None),
            ("GET", collection, None),
            ("GET", f"{collection}/artifacts?include_groups=true", None),
            ("GET", "/tags", None),
            ("POST", f"{collection}/artifacts", {"artifact_ids": draw.sample(ARTIFACTS, 3)}),
            ("DELETE", f"{collection}/artifacts/{draw.choice(ARTIFACTS)}", None),
            ("POST", "/user-collections", {"name": f"new {draw.randrange(20)}"}),
            ("POST", "/groups", {"collection_id": "c1", "name": f"g{draw.randrange(9)}"}),
        ]
    )


def _check_answer(method: str, path: str, answer: httpx.Response, seen: LoadResult) -> None:
    seen.statuses[answer.status_code] += 1
    if answer.status_code not in EXPECTED:
        seen.wrong.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
    elif answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        if "Retry-After" not in answer.headers:
            seen.wrong.append(f"{method} {path}: 503 without Retry-After")
    elif method == "GET" and "artifacts" in path and "items" in answer.json():
        counts = {
            (each["id"], each["artifact_count"])
            for item in answer.json()["items"]
            for each in item["collections"]
        }
        if len(counts) != len({collection for collection, _ in counts}):
            seen.wrong.append(f"{method} {path}: two counts of one collection in {counts}")
