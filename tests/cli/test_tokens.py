import pytest

from tests.cli.commands import run


def test_a_role_of_services_is_told_which_role_writes_tokens(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", f"{url}&options=-c%20role%3Dskillmeat_app")

    refused = run("token", "create", "mine"), run("token", "revoke", "mine")

    assert [(each.code, each.out) for each in refused] == [(1, ""), (1, "")]
    assert all(
        each.err == "error: only the owner of the schema writes tokens: connect as that role\n"
        for each in refused
    )
