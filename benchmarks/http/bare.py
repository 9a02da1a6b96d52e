"""The lower bound: a FastAPI endpoint that answers with the bytes of a file."""

import os
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response

BODY_FILE: Final = "SKILLMEAT_BENCH_BODY"


def create_app() -> FastAPI:
    """Create the application, for `uvicorn --factory`."""
    body = Path(os.environ[BODY_FILE]).read_bytes()
    app = FastAPI()

    @app.get("/page")
    async def get_page() -> Response:
        return Response(body, media_type="application/json")

    return app
