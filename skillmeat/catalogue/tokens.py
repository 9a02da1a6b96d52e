"""Tokens of the HTTP server: of each only the hash is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, NamedTuple

from skillmeat.errors import UnknownToken
from skillmeat.query import Conn, execute, fetch_all, fetch_one

Scope = Literal["read", "write"]

PREFIX: Final = "skillmeat_"
# As many random bytes as the hash has, so that nobody tries them out, however fast it is.
RANDOM_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed; `write` may read as well."""

    name: str
    scope: Scope
    created_at: datetime
    revoked_at: datetime | None


class NewToken(NamedTuple):
    """A token as it was made, and the secret, which nobody will see again."""

    token: Token
    secret: str


CREATE: Final = """
    insert into api_tokens (name, token_hash, scope)
    values (%(name)s, %(hash)s, %(scope)s)
    returning name, scope, created_at, revoked_at
"""


def create_token(conn: Conn, *, name: str, scope: Scope = "read") -> NewToken:
    """Make a token. Raises `Duplicate` for a name that is taken, revoked ones included."""
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    values = {"name": name, "hash": hash_secret(secret), "scope": scope}
    created = fetch_one(conn, Token, CREATE, values)
    return NewToken(created, secret)


LIST: Final = "select name, scope, created_at, revoked_at from api_tokens order by name"


def list_tokens(conn: Conn) -> tuple[Token, ...]:
    """Read all tokens by name, revoked ones included."""
    return fetch_all(conn, Token, LIST, {})


REVOKE: Final = """
    update api_tokens set revoked_at = now() where name = %(name)s and revoked_at is null
"""


def revoke_token(conn: Conn, name: str) -> None:
    """Make a token invalid. Raises `UnknownToken` where no valid one has this name."""
    if not execute(conn, REVOKE, {"name": name}):
        raise UnknownToken.from_ids(name)


@dataclass(frozen=True, slots=True)
class _Valid:
    token_hash: str
    scope: Scope


VALID: Final = "select token_hash, scope from api_tokens where revoked_at is null"


def get_token_scopes(conn: Conn) -> dict[str, Scope]:
    """What each hash of a valid token may."""
    return {each.token_hash: each.scope for each in fetch_all(conn, _Valid, VALID, {})}


def hash_secret(secret: str) -> str:
    """What is kept of a secret: SHA-256, in hex."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
