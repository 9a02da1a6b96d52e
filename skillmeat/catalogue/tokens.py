"""API tokens of the HTTP server; only the hash of each is stored."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

from skillmeat.database.query import Conn, execute, fetch_all, fetch_one
from skillmeat.errors import UnknownToken

Scope = Literal["read", "write"]

PREFIX: Final = "skillmeat_"
# A secret has as many random bytes as its hash. It cannot be guessed, so a fast hash is safe.
RANDOM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A row of `api_tokens`; the scope `write` includes `read`."""

    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


class NewToken(NamedTuple):
    """A new token and its secret, which is not stored and cannot be shown again."""

    token: Token
    secret: str


CREATE: Final = """
    insert into api_tokens (name, token_hash, scope)
    values (%(name)s, %(hash)s, %(scope)s)
    returning name::text, scope, created_at, revoked_at
"""


def create_token(conn: Conn, *, name: str, scope: Scope = "read") -> NewToken:
    """Create a token.

    Raises `Duplicate` for a name that is taken, even by a revoked token, and `InvalidValue`.
    """
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    values = {"name": name, "hash": hash_secret(secret), "scope": scope}
    created = fetch_one(conn, Token, CREATE, values)
    return NewToken(created, secret)


LIST: Final = """
    select t.name::text, t.scope, t.created_at, t.revoked_at from api_tokens as t order by t.name
"""


def list_tokens(conn: Conn) -> tuple[Token, ...]:
    """Read all tokens by name, revoked ones included."""
    return fetch_all(conn, Token, LIST, {})


REVOKE: Final = """
    update api_tokens set revoked_at = now() where name = %(name)s and revoked_at is null
"""


def revoke_token(conn: Conn, name: str) -> None:
    """Revoke a token. Raises `UnknownToken` if no valid token has this name."""
    if not execute(conn, REVOKE, {"name": name}):
        raise UnknownToken.from_ids(name)


@dataclass(frozen=True, slots=True)
class _Valid:
    token_hash: str
    scope: Scope


VALID: Final = "select token_hash, scope from api_tokens where revoked_at is null"


def get_token_scopes(conn: Conn) -> dict[str, Scope]:
    """Return the scope of each valid token by the token's hash."""
    return {each.token_hash: each.scope for each in fetch_all(conn, _Valid, VALID, {})}


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a secret in hex, as it is stored."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
