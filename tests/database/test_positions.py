"""A position is text that a client carries, and says which commits a server has."""

import pytest

from skillmeat.database.positions import Position

AT = Position(system=7, timeline=2, lsn=0x1_00000A00)


def test_a_position_is_parsed_from_its_text() -> None:
    assert str(AT) == "7-2-1/A00"
    assert Position.parse("7-2-1/A00") == AT


@pytest.mark.parametrize(
    "text",
    ["", "7", "7-2", "7-2-1/a00", "7-2-1/A00 ", "7-2-1/123456789", "7--2-1/A00", "\u0667-2-1/A00"],
)
def test_any_other_text_is_no_position(text: str) -> None:
    assert Position.parse(text) is None


@pytest.mark.parametrize(
    ("other", "is_included"),
    [
        (AT, True),
        (Position(7, 2, AT.lsn - 1), True),
        (Position(7, 2, AT.lsn + 1), False),
        # Before a failover, the log is the same; after it, a server may follow a former primary.
        (Position(7, 1, AT.lsn), True),
        (Position(7, 3, AT.lsn - 1), False),
        (Position(8, 2, AT.lsn - 1), False),
    ],
)
def test_a_position_includes_an_earlier_one_of_its_cluster(
    other: Position, *, is_included: bool
) -> None:
    assert AT.includes(other) == is_included
