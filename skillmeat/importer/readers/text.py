"""Names and texts: which ones the database can hold, and how to print those that it cannot."""

import re

# The database's own rule. Lone surrogates are how Python spells undecodable file names.
_NAME = re.compile(r"(?! )[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,255}(?<! )")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_valid_name(text: str) -> bool:
    """Tell whether `text` may name an artifact or a collection."""
    return _NAME.fullmatch(text) is not None


def is_storable(text: str) -> bool:
    """Tell whether PostgreSQL can store `text`: no NUL character, no lone surrogate."""
    return _UNSTORABLE.search(text) is None


def replace_unstorable(text: str) -> str:
    """Replace what PostgreSQL cannot store by the replacement character, U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def escape(text: str) -> str:
    """Return `text` on one line, with escapes for what cannot be printed or encoded."""
    return _UNPRINTABLE.sub(_escape_character, text)


def _escape_character(match: re.Match[str]) -> str:
    code = ord(match[0])
    # 0xdc80 and up stand for single undecodable bytes (PEP 383).
    code = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code  # noqa: PLR2004
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004
