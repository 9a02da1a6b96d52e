"""SkillMeat's HTTP contract over the catalogue: an ASGI application, and a server for it."""

from skillmeat.api.app import create_app
from skillmeat.api.config import ServerConfig

__all__ = ["ServerConfig", "create_app"]
