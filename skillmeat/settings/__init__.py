"""What a user sets: the environment variables here, the service file in `services`."""

from skillmeat.settings.environment import (
    DEFAULT_SCHEMA,
    build_search_path_option,
    get_data_dir,
    get_database_url,
    get_prepare,
    get_read_url,
    get_schema,
)

__all__ = [
    "DEFAULT_SCHEMA",
    "build_search_path_option",
    "get_data_dir",
    "get_database_url",
    "get_prepare",
    "get_read_url",
    "get_schema",
]
