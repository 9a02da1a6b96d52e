"""The dependencies of endpoints: the scope that a request's token must allow."""

from typing import Final

from fastapi import Request
from fastapi.security import HTTPBearer

from skillmeat.api.served_catalogue import get_catalogue
from skillmeat.catalogue.tokens import Scope

DESCRIPTION: Final = "A token of `skillmeat token create`, or SKILLMEAT_API_TOKEN."


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
        authenticator = get_catalogue(request).authenticator
        return await authenticator.authorize(request, credentials, self._scope)


require_read: Final = RequireScope("read")
require_write: Final = RequireScope("write")
