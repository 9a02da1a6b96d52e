"""Texts that people, importers and attackers send."""

LEGAL_NAMES = (
    "a",
    "'; drop table collections; --",
    '"quoted" \\ back\\\\slash',
    "%s %(id)s {} $1 :name",
    "skill/with:colons and/slashes",
    "日本語 e\u0301 🙂",
    "x" * 255,
    "🙂" * 255,
)

ILLEGAL_NAMES = (
    "",
    " leading",
    "trailing ",
    "two\nlines",
    "tab\t",
    "nul\x00",
    "escape\x1b[31m",
    "delete\x7f",
    "next\x85line",
    "lone\ud800surrogate",
    "x" * 256,
)

# Text that no column can store.
UNSTORABLE = ("nul\x00", "lone\ud800surrogate")
