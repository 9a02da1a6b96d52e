"""The connection service file of libpq, read as libpq reads it."""

from pathlib import Path

import pytest

from skillmeat.errors import SkillMeatError
from skillmeat.services import find_options, get_service, list_services

USERS = r"""
# a comment
[tenant_a]
host=/tmp
options=-c work_mem=5MB -c search_path=Tenant_A,pg_temp
    dbname=indented

[quoted name]
options=-c search_path="My\ ""own""\ one"

[plain]
host=localhost
"""
SYSTEMS = "[tenant_a]\noptions=-c search_path=hidden\n[of_all]\noptions=--search_path=everyone\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the file of a user and the file of the system; return their folder."""
    (tmp_path / "users").write_text(USERS)
    (tmp_path / "pg_service.conf").write_text(SYSTEMS)
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "users"))
    monkeypatch.setenv("PGSYSCONFDIR", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("folder")
def test_a_service_has_the_first_schema_of_its_search_path() -> None:
    assert {each.name: each.schema for each in list_services()} == {
        "tenant_a": "tenant_a",
        "quoted name": 'My "own" one',
        "plain": None,
        "of_all": "everyone",
    }
    assert get_service("quoted name").url == "postgresql:///?service=quoted%20name"
    assert find_options("of_all") == "--search_path=everyone"


@pytest.mark.usefixtures("folder")
def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SkillMeatError, match="no service 'nope': there are tenant_a, quoted name"):
        get_service("nope")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"there is no service in .*users and .*: write \[NAME\] and lines such as host="),
        ("[a]\n[a]", r"the service file .*users cannot be read: While reading .* already exists"),
        ("host=x", r"the service file .*users cannot be read: File contains no section headers"),
    ],
)
def test_a_file_without_a_service_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "users").write_text(text)
    (folder / "pg_service.conf").unlink()

    with pytest.raises(SkillMeatError, match=message):
        list_services()
