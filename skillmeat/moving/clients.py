"""The clients of a service: keep them waiting, and lead them to another server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from skillmeat.database.connection import CatalogueConnection, connect
from skillmeat.errors import CannotConnect, SkillMeatError
from skillmeat.moving.pooler import Pooler
from skillmeat.moving.side import Side, read_identity
from skillmeat.settings.services import Service, change_service, refuse_unwritable_service

PLACE: Final = frozenset({"host", "hostaddr", "port", "dbname"})
# Another server may have another certificate, and other hosts to choose from.
OF_SERVER: Final = frozenset(
    {
        *("sslmode", "sslrootcert", "sslcrl", "sslcrldir", "sslnegotiation", "gssencmode"),
        *("target_session_attrs", "load_balance_hosts"),
    }
)


@dataclass(frozen=True, slots=True)
class Reached:
    """The identity of the copy that clients reach, and whether their service leads to a pooler."""

    identity: str
    is_pooled: bool


@dataclass(frozen=True)
class Clients:
    """The clients that find a catalogue by its service, through `pooler` if there is one."""

    service: Service
    schema: str
    pooler: Pooler | None

    @cached_property
    def reached(self) -> Reached:
        """What the service leads to; let clients go on that an interrupted move holds.

        Read it first when no other move runs, which would hold them or lead them elsewhere.
        """
        if self.pooler is not None:
            self.pooler.resume()
        with connect(self.service.url, schema=self.schema, autocommit=True) as conn:
            is_pooled = isinstance(conn, CatalogueConnection) and conn.is_pooled
            return Reached(read_identity(conn, self.schema), is_pooled)

    def refuse_unreached(self, *copies: Side) -> None:
        """Raise `SkillMeatError` if they reach none of these copies."""
        if self.reached.identity not in [each.read_identity() for each in copies]:
            places = " or ".join(each.place for each in copies)
            message = f"service {self.service.name!r} does not lead to {places}: correct --from"
            raise SkillMeatError(message)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the clients of the pooler waiting during the block.

        Raises `Retry` if their transactions take too long to end.
        """
        if self.pooler is None:
            yield
        else:
            with self.pooler.hold_clients():
                yield

    def refuse_unusable_place(self, new: Side) -> None:
        """Raise `SkillMeatError` if they could not be led to a copy, or could not log in there."""
        if self.pooler is not None:
            self.pooler.refuse_unusable()
        if self.reached.is_pooled:
            return
        refuse_unwritable_service(self.service.name)
        parameters = _replace_place(self.service.parameters, new)
        try:
            connect(make_conninfo("", **parameters), schema=self.schema).close()
        except CannotConnect as error:
            message = (
                f"clients of service {self.service.name!r} could not log in to the new server: "
                f"{error}: give it the same role and password first"
            )
            raise SkillMeatError(message) from error

    def lead_to(self, new: Side) -> None:
        """Lead them to a copy; they may be led there already."""
        if not self.reached.is_pooled:
            # The operator may have changed the service since it was read.
            change_service(self.service.name, lambda parameters: _replace_place(parameters, new))
        if self.pooler is not None:
            self.pooler.lead_to(new.conninfo)


def _replace_place(parameters: Mapping[str, str], new: Side) -> Mapping[str, str]:
    """Return the parameters of a service at the place of a copy.

    Its user and the rest stay: without a user, each client brings its own.
    """
    target = {key: str(value) for key, value in conninfo_to_dict(new.hosts).items()}
    moved = {key: value for key, value in target.items() if key in PLACE | OF_SERVER}
    # In their old order, so that the file changes where it must.
    kept = {
        key: moved.get(key, value)
        for key, value in parameters.items()
        if key not in PLACE or key in moved
    }
    return {**kept, **moved}
