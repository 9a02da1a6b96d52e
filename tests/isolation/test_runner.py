"""The runner itself reports waits with their holders, drift, and every possible order."""

from collections.abc import Iterator, Sequence

import pytest

from tests.db.sample import restore
from tests.isolation.permutations import (
    Interleaving,
    Script,
    Spec,
    run_every_interleaving,
    run_interleaving,
)
from tests.isolation.proof import prove
from tests.isolation.scripts import COMMITTED, INSERT, script, together, transaction
from tests.isolation.sessions import SessionGroup

COUNT_BY_ROW = """
create function count_by_row() returns trigger language plpgsql as $$
begin
    update collections set description = coalesce(description, '') || '+'
    where id = new.collection_id;
    return null;
end;
$$;

create trigger count_by_row after insert on collection_artifacts
for each row execute function count_by_row();
"""
NO_COUNT_BY_ROW = "drop function if exists count_by_row cascade"
BROKEN = "alter table collection_artifacts {} trigger collection_artifacts_record_changes_on_delete"


@pytest.fixture
def counting_by_row(ours: SessionGroup) -> Iterator[SessionGroup]:
    """Yield our catalogue with the textbook's trigger beside ours; it locks the parent."""
    ours.observer.execute(COUNT_BY_ROW)
    yield ours
    ours.clear()
    ours.observer.execute(NO_COUNT_BY_ROW)


@pytest.fixture
def missing_a_trigger(ours: SessionGroup) -> Iterator[SessionGroup]:
    """Yield our catalogue with one trigger disabled."""
    ours.observer.execute(BROKEN.format("disable"))
    yield ours
    ours.clear()
    ours.observer.execute(BROKEN.format("enable"))
    ours.observer.execute("select repair_counts()")


def test_a_counter_that_locks_its_parent_is_reported_with_waiter_holder_and_lock(
    counting_by_row: SessionGroup, control: SessionGroup
) -> None:
    other = transaction("other", [INSERT.format("p", "agent:a2")], level=COMMITTED)
    spec = together(script("insert", is_short=True), other)

    proof = prove(spec, ours=counting_by_row, control=control)

    assert any(
        "with counts step 0 of session 1 waits for (0,) (ShareLock transactionid" in each
        for each in proof.wrong
    )


def test_a_deadlock_that_the_keys_do_not_explain_is_reported(
    counting_by_row: SessionGroup, control: SessionGroup
) -> None:
    spec = together(script("insert"), script("insert_in_other_order"))

    proof = prove(spec, ours=counting_by_row, control=control)

    assert any("40P01" in each for each in proof.wrong)


def test_a_disabled_trigger_is_reported_as_drift(
    missing_a_trigger: SessionGroup, control: SessionGroup
) -> None:
    spec = together(script("insert", is_short=True), script("delete", is_short=True))

    proof = prove(spec, ours=missing_a_trigger, control=control)

    assert any("the observer sees count_drift" in each for each in proof.wrong)


def test_a_waiting_step_runs_when_it_wakes_and_other_orders_are_impossible(
    ours: SessionGroup,
) -> None:
    lock = ("begin; select from collections where id = 'p' for update", "commit")
    spec = Spec((Script("one", COMMITTED, lock), Script("other", COMMITTED, lock)))
    found: list[Interleaving] = []
    ours.clear()
    restore(ours.observer)

    def run_order(order: Sequence[int]) -> Interleaving:
        ours.clear()
        found.append(run_interleaving(ours, spec, order))
        return found[-1]

    for _ in run_every_interleaving(run_order):
        pass

    assert sorted(interleaving.order for interleaving in found) == [
        [0, 0, 1, 1],
        [0, 1, 0, 1],
        [1, 0, 1, 0],
        [1, 1, 0, 0],
    ]


def test_a_spec_without_waits_runs_in_every_order(
    ours: SessionGroup, control: SessionGroup
) -> None:
    spec = together(script("tag", is_short=True), script("delete", is_short=True))

    proof = prove(spec, ours=ours, control=control)

    assert (proof.interleavings, proof.schedules, proof.waits, proof.wrong) == (6, 6, 0, [])


def test_a_step_that_sends_a_notice_before_it_waits_is_seen_to_wait(ours: SessionGroup) -> None:
    lock = "truncate project_templates"
    notice = "do $$ begin raise notice 'sent at once'; end; $$"
    first = Script("first", COMMITTED, (f"begin; {lock}", "commit"))
    second = Script("second", COMMITTED, (f"begin; {notice}; {lock}", "commit"))
    ours.clear()

    interleaving = run_interleaving(ours, Spec((first, second)), [0, 1, 0, 1])

    waits = [each.wait for outcomes in interleaving.outcomes for each in outcomes if each.wait]
    assert [wait.holders for wait in waits] == [(0,)]
