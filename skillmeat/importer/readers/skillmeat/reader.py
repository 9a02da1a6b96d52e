"""Reads every file of SkillMeat's that was found, as one."""

from collections.abc import Callable

from skillmeat.importer.readers.skillmeat import cache_db, toml_files
from skillmeat.importer.readers.skillmeat.discovery import Places
from skillmeat.importer.readers.skillmeat.model import Holdings
from skillmeat.importer.readers.skillmeat.normalize import settled
from skillmeat.importer.readers.skillmeat.records import Gathered


def read(
    places: Places, *, on_progress: Callable[[int, int | None], None] | None = None
) -> Holdings:
    """What the files hold; `on_progress` is told how many rows of a cache.db were read.

    What a collection.toml says of an artifact goes before what a cache.db says, and that before a
    project's record; who is a member a cache.db knows best. Raises `SourceError`.
    """
    gathered = Gathered()
    done = 0

    def on_rows(count: int) -> None:
        nonlocal done
        done += count
        if on_progress:
            on_progress(done, None)

    for path in places.collections:
        toml_files.read_collection(path, gathered)
    for path in places.caches:
        cache_db.read(path, gathered, on_rows=on_rows)
    for path in places.deployed:
        toml_files.read_deployed(path, gathered)
    return settled(gathered)
