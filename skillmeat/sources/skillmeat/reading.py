"""Reads every file of SkillMeat's that was found, as one."""

from collections.abc import Callable

from skillmeat.sources.skillmeat import cache, manifests
from skillmeat.sources.skillmeat.discovery import Places
from skillmeat.sources.skillmeat.gathering import Gathered
from skillmeat.sources.skillmeat.holdings import settled
from skillmeat.sources.skillmeat.model import Holdings


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
        manifests.read_collection(path, gathered)
    for path in places.caches:
        cache.read(path, gathered, on_rows=on_rows)
    for path in places.deployed:
        manifests.read_deployed(path, gathered)
    return settled(gathered)
