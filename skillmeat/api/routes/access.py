"""`/access`: what the caller may do, so that a client offers nothing else."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from skillmeat.api import queries
from skillmeat.api.dependencies import require_read
from skillmeat.api.openapi import ERROR_RESPONSES
from skillmeat.api.routes.responses import PREFIX, run
from skillmeat.api.served_catalogue import get_catalogue
from skillmeat.catalogue.tokens import Scope

router = APIRouter(prefix=PREFIX + "/access", tags=["operation"], responses=ERROR_RESPONSES)


class Access(BaseModel):
    """What the caller may do besides reading."""

    can_write: bool
    service: str | None = Field(
        description="The catalogue's service, if the server serves all services.",
        examples=["tenant_a"],
    )


@router.get("")
async def get_access(request: Request, scope: Annotated[Scope, Depends(require_read)]) -> Access:
    """Report whether the token, the server's role and the database allow writes."""
    can_write = scope == "write" and await run(request, queries.can_write)
    return Access(can_write=can_write, service=get_catalogue(request).service)
