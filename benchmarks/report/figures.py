"""The figures of the report: medians with their spread, ratios, durations, sizes, and titles."""

from benchmarks.rounds import Ratio, Rounds

NONE = "-"


def format_spread(rounds: Rounds, name: str) -> str:
    """Format the median, with the least and the largest in brackets."""
    median, between = rounds.median(name), rounds.spread(name)
    if median is None or between is None:
        return NONE
    return f"{format_figure(median)} ({format_figure(between[0])} to {format_figure(between[1])})"


def format_figure(value: float) -> str:
    """Format a number with three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004


def format_duration(seconds: float) -> str:
    """Format a duration in milliseconds or seconds."""
    return f"{seconds * 1e3:,.3g} ms" if seconds < 1 else f"{seconds:,.3g} s"


def format_size(octets: float) -> str:
    """Format a size in bytes, kB or MB."""
    for unit, scale in (("MB", 2**20), ("kB", 2**10)):
        if octets >= scale:
            return f"{format_figure(octets / scale)} {unit}"
    return f"{octets:.0f} B"


def format_times(ratio: Ratio | None) -> str:
    """Format a ratio as a number of times."""
    if ratio is None:
        return "-"
    return f"{ratio.median:,.0f} times" if ratio.median >= 10 else f"{ratio.median:.1f} times"  # noqa: PLR2004


def format_share(ratio: Ratio | None) -> str:
    """Format a ratio in per cent."""
    return "-" if ratio is None else f"{100 * ratio.median:.0f} %"


def format_title(text: str) -> str:
    """Format the name of a request or a workload as a heading."""
    return text[0].upper() + text[1:]
