"""SkillMeat's HTTP contract over the catalogue: an ASGI application and its server."""

from skillmeat.api.app import create_app
from skillmeat.api.config import ServerConfig

__all__ = ["ServerConfig", "create_app"]
