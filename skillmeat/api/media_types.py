"""Content negotiation: which media type and which coding a client prefers, by its headers."""

from functools import lru_cache
from typing import Final

JSON: Final = "application/json"
CSV: Final = "text/csv"
GZIP: Final = "gzip"


@lru_cache(128)
def get_quality(accept: str, media_type: str) -> float:
    """Return how much a client wants a media type, from 0 (not at all) to 1.

    The most specific range counts. A client without `Accept` takes everything.
    """
    ranges = _parse_ranges(accept)
    kind, _, _ = media_type.partition("/")
    wanted = (ranges[name] for name in (media_type, f"{kind}/*", "*/*") if name in ranges)
    return next(wanted, 0.0) if ranges else 1.0


@lru_cache(128)
def get_coding_quality(accept_encoding: str, coding: str) -> float:
    """Return how much a client wants a coding, from 0 (not at all) to 1.

    `*` means the codings that are not listed. A client without `Accept-Encoding` wants none.
    """
    ranges = _parse_ranges(accept_encoding)
    return ranges.get(coding, ranges.get("*", 0.0))


def _parse_ranges(header: str) -> dict[str, float]:
    return dict(_parse_range(each) for each in header.lower().split(",") if each.strip())


def _parse_range(text: str) -> tuple[str, float]:
    name, *parameters = (part.strip() for part in text.split(";"))
    quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0.0
