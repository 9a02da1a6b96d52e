"""Every command of the documentation prints the output that its page shows."""

from collections import Counter
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, paths, read_page
from tests.docs.environments import ENVIRONMENTS, Servers
from tests.docs.outputs import matches
from tests.docs.sessions import session


def from_root(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.pages
@pytest.mark.parametrize("path", paths(), ids=from_root)
def test_the_commands_of_a_page_print_what_it_shows(path: Path, servers: Servers) -> None:
    page = read_page(path)
    if not page.to_run:
        return
    assert page.environment in ENVIRONMENTS
    with (
        ENVIRONMENTS[page.environment](servers) as environment,
        session(environment) as reader,
    ):
        for block in page.to_run:
            ran = reader.run(block)
            where = f"{from_root(path)}:{block.line} printed:\n{ran.output}"
            assert ran.exit_code == block.exit_code, where
            is_as_shown = block.output is None or matches(block.output, ran.output)
            assert is_as_shown, where


def test_only_listed_blocks_are_not_run() -> None:
    blocks = [block for path in paths() for block in read_page(path).blocks]

    assert Counter(block.not_run for block in blocks if block.not_run) == {
        "installs packages": 1,
        "needs Docker": 5,
        "needs HAProxy and Patroni": 1,
        "needs Caddy and SkillMeat's web client": 1,
        "needs a full disk": 1,
        "needs pg_cron": 1,
        "needs three servers": 1,
        "needs two standbys": 1,
        "removes the package that runs the tests": 1,
        "sets up the checkout": 1,
        "shows a failover between two machines": 2,
        "shows what happens over hours": 1,
        "takes minutes": 5,
        "waits for another session": 1,
    }
