"""Compare the output of a block with the output on its page.

`…` stands for any text in a line; a line of it alone for any number of lines. Figures that
differ from run to run (times, sizes, ids, process ids) always match.
"""

import re

_VARYING = (
    (re.compile(r"\x1b\[[0-9;]*m"), ""),
    (
        re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:\d\d)?|Z| UTC)?"),
        "#date",
    ),
    (re.compile(r"\b\d[\d,]*(\.\d+)? (ms|s|seconds?|minutes?|kB|MB|B)\b"), r"# \2"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "#id"),
    (re.compile(r"\bskillmeat_[A-Za-z0-9_-]{40,}"), "#token"),
    (re.compile(r"^ *\d+(?=  idle in transaction)"), "#pid"),
    (re.compile(r"-{3,}"), "---"),
    (re.compile(r" {2,}"), "  "),
)


def matches(expected: str, printed: str) -> bool:
    """Return whether a block printed what its page shows; ignore empty lines."""
    pattern = "".join(map(_line_pattern, _lines(expected)))
    return (
        re.fullmatch(pattern, "".join(f"{_steady(line)}\n" for line in _lines(printed))) is not None
    )


def _line_pattern(line: str) -> str:
    if line.strip() == "…":
        return "(?:.*\n)*"
    return re.escape(_steady(line)).replace("…", ".*") + "\n"


def _steady(line: str) -> str:
    for pattern, stand_in in _VARYING:
        line = pattern.sub(stand_in, line)
    return line.strip()


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]
