"""The dependencies of endpoints: the scope that a request's token must allow."""

import hmac
from typing import TYPE_CHECKING, Final

from fastapi import Request
from fastapi.security import HTTPBearer

from skillmeat.api.auth import unauthorized
from skillmeat.catalogue.tokens import Scope, hash_secret

if TYPE_CHECKING:
    from skillmeat.api.served_catalogue import Catalogues

DESCRIPTION: Final = "A token of `skillmeat token create`, or SKILLMEAT_API_TOKEN."
METRICS_TOKEN: Final = (
    "these are the metrics of all catalogues: start the server with SKILLMEAT_METRICS_TOKEN, and "  # noqa: S105
    "send that token"
)


class RequireScope(HTTPBearer):
    """A dependency that refuses a request whose token does not allow `scope`.

    It returns what the token allows at most. As one dependency with the scheme of the header, it is
    resolved in half the time of two.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(auto_error=False, scheme_name=HTTPBearer.__name__, description=DESCRIPTION)
        self._scope = scope

    async def __call__(self, request: Request) -> Scope:  # type: ignore[override] # a scope instead
        """Authorize the request."""
        credentials = await super().__call__(request)
        catalogues: Catalogues = request.app.state.catalogues
        request.state.catalogue = catalogue = await catalogues.find(credentials)
        request.state.authorize = self
        return await catalogue.authenticator.authorize(request, credentials, self._scope)


class RequireMetrics(RequireScope):
    """A dependency that also accepts SKILLMEAT_METRICS_TOKEN.

    A server for all services accepts nothing else: a token of one catalogue must not show others.
    """

    async def __call__(self, request: Request) -> Scope:  # type: ignore[override] # a scope instead
        """Authorize the request."""
        token: str | None = request.app.state.metrics_token
        given = await HTTPBearer.__call__(self, request)
        if token is not None and given is not None:
            hashes = (hash_secret(token), hash_secret(given.credentials))
            if hmac.compare_digest(*hashes):
                return "read"
        if request.app.state.catalogues.are_services:
            raise unauthorized(METRICS_TOKEN)
        return await super().__call__(request)


require_read: Final = RequireScope("read")
require_write: Final = RequireScope("write")
require_metrics: Final = RequireMetrics("read")
