"""What is told of trouble, without a server."""

import pytest

from skillmeat.maintenance.refresh.backoff import Trouble
from skillmeat.maintenance.refresh.events import Lost, Recovered, Refused, Report

LOST = Lost("gone", before=True)


@pytest.fixture
def told() -> list[Report]:
    """What has been told."""
    return []


@pytest.fixture
def trouble(told: list[Report]) -> Trouble:
    """No trouble yet."""
    return Trouble(told.append)


def test_the_pauses_double_up_to_ten_seconds_and_begin_anew(trouble: Trouble) -> None:
    pauses = [trouble.met(LOST) for _ in range(8)]
    trouble.over()

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]
    assert trouble.met(LOST) == 0.2


def test_a_restart_is_told_in_two_lines(trouble: Trouble, told: list[Report]) -> None:
    for why in ("terminated", "no such file", "starting up"):
        trouble.met(Lost(why, before=True))
    trouble.over()
    trouble.over()

    assert [type(each) for each in told] == [Lost, Recovered]


def test_another_reason_is_told_once_it_has_come_to_stay(
    trouble: Trouble, told: list[Report]
) -> None:
    trouble.met(LOST)
    for _ in range(9):
        trouble.met(Lost("wrong password", before=True))

    assert told == [LOST, Lost("wrong password", before=True)]


def test_a_loss_that_becomes_a_refusal_is_told(trouble: Trouble, told: list[Report]) -> None:
    trouble.met(LOST)
    trouble.met(Refused("not allowed"))
    trouble.met(Refused("not allowed"))

    assert told == [LOST, Refused("not allowed")]


def test_no_trouble_has_no_end(trouble: Trouble, told: list[Report]) -> None:
    trouble.over()

    assert told == []
