"""The connection service file of libpq, read as libpq reads it."""

import os
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

import pytest
from psycopg.conninfo import conninfo_to_dict

from skillmeat.errors import SkillMeatError
from skillmeat.settings.services import (
    change_service,
    find_service,
    get_service,
    list_services,
    refuse_unwritable_service,
    remove_service,
    write_service,
)

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
SYSTEMS = "[tenant_a]\noptions=-c search_path=hidden\n[of_all]\noptions=--search_path=ÉveryOne\n"


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
        "of_all": "Éveryone",
    }
    assert get_service("quoted name").url == "postgresql:///?service=quoted%20name"
    assert get_service("of_all").parameters == {"options": "--search_path=ÉveryOne"}


@pytest.mark.usefixtures("folder")
def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SkillMeatError, match="no service 'nope': there are tenant_a, quoted name"):
        get_service("nope")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"there is no service in .*users and .*: write \[NAME\] and lines such as host="),
        ("host=x\n[a", r"there is no service in .*users and .*: write \[NAME\] and lines such as"),
    ],
)
def test_a_file_without_a_service_is_refused(folder: Path, text: str, message: str) -> None:
    (folder / "users").write_text(text)
    (folder / "pg_service.conf").unlink()

    with pytest.raises(SkillMeatError, match=message):
        list_services()


def test_a_file_is_read_by_the_rules_of_libpq(folder: Path) -> None:
    (folder / "users").write_bytes(
        b"\xef\xbb\xbfjunk\n# caf\xe9\n[a] # first\r\nport=1\r\nport=2\nno value\n"
        b"\x0b[b]c]\nhost = x\ndbname=x\x0cy\xc2\xa0\n\n[a]\nport=3\nuser=u"
    )
    (folder / "pg_service.conf").unlink()

    services = list_services()

    assert [(each.name, each.parameters) for each in services] == [
        ("a", {"port": "1", "no value": ""}),
        ("b", {"host ": " x", "dbname": "x\fy\xa0"}),
    ]


def test_a_user_without_a_home_has_no_service(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "PGSERVICEFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("pwd.getpwuid", dict[int, object]().__getitem__)

    with pytest.raises(
        SkillMeatError, match=r"there is no service in ~/\.pg_service\.conf: .* or set"
    ):
        list_services()


def test_a_removed_service_leaves_no_second_section_of_its_name(folder: Path) -> None:
    (folder / "users").write_text("[a]\nport=1\n\n[b]\n\n[a]\nport=3\n")

    remove_service("a")

    assert (folder / "users").read_text() == "\n[b]\n"


def test_what_is_not_a_regular_file_is_neither_read_nor_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(folder / "pipe")
    for name in ("pipe", "."):
        monkeypatch.setenv("PGSERVICEFILE", str(folder / name))
        for use in (list_services, lambda: write_service("new", {}), lambda: remove_service("a")):
            with pytest.raises(SkillMeatError, match="is not a regular file: replace it"):
                use()


@pytest.mark.usefixtures("folder")
def test_a_written_service_is_read_back_and_removed_without_a_trace(folder: Path) -> None:
    (folder / "users").chmod(0o640)
    written = {"host": "/run/a b", "password": "p#=[]", "options": r'-c search_path="New\ One"'}

    path = write_service("new one", written)
    service = find_service("new one")
    mode = path.stat().st_mode & 0o777
    remove_service("new one")

    assert service is not None
    assert (path, mode, service.parameters) == (folder / "users", 0o640, written)
    assert (service.schema, conninfo_to_dict(service.url)) == ("New One", {"service": "new one"})
    assert path.read_text() == USERS


def test_a_service_is_switched_in_its_own_file_and_all_other_lines_stay(folder: Path) -> None:
    system = folder / "pg_service.conf"
    system.write_bytes(
        "# café\n[old]\r\nhost=a\n# why a\nport=1\n\n# of other\n[other]\nhost=c".encode()
    )

    read: list[Mapping[str, str]] = []

    def change(parameters: Mapping[str, str]) -> Mapping[str, str]:
        read.append(parameters)
        return {"host": "b", "user": "u"}

    refuse_unwritable_service("old")
    change_service("old", change)

    assert system.read_bytes().decode() == (
        "# café\n[old]\r\n# why a\nhost=b\nuser=u\n\n# of other\n[other]\nhost=c"
    )
    assert read == [{"host": "a", "port": "1"}]
    assert (folder / "users").read_text() == USERS


def test_writers_of_one_file_wait_for_each_other(folder: Path) -> None:
    (folder / "users").write_text("# kept")
    writers = [Thread(target=write_service, args=(f"s{n}", {"port": str(n)})) for n in range(20)]

    for each in writers:
        each.start()
    for each in writers:
        each.join()

    assert (folder / "users").read_text().startswith("# kept\n\n[s")
    assert {each.name for each in list_services()} >= {f"s{n}" for n in range(20)}
    assert {each.name for each in folder.iterdir()} == {"users", "pg_service.conf"}


def test_a_file_behind_a_symbolic_link_stays_there(folder: Path) -> None:
    kept = folder / "kept"
    (folder / "users").rename(kept)
    (folder / "users").symlink_to(kept)

    write_service("new", {"port": "1"})

    assert ((folder / "users").readlink(), "[new]" in kept.read_text()) == (kept, True)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("plain", {}, "there is a service 'plain' in .*users already: choose another name"),
        ("a]b", {}, r"service name 'a\]b' is not allowed: use visible characters"),
        (" a", {}, "service name ' a' is not allowed"),
        ("", {}, "service name '' is not allowed"),
        ("new", {"host": "a\nport=1"}, "a service file cannot hold host="),
        ("new", {"host": "a "}, "a service file cannot hold host="),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_libpq_could_not_read_back_is_not_written(
    name: str, parameters: dict[str, str], message: str, folder: Path
) -> None:
    with pytest.raises(SkillMeatError, match=message):
        write_service(name, parameters)

    assert (folder / "users").read_text() == USERS


def test_a_file_that_cannot_be_written_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "users").chmod(0o444)
    with pytest.raises(SkillMeatError, match="users is read-only: make it writable"):
        write_service("new", {})
    for use in (remove_service, refuse_unwritable_service):
        with pytest.raises(SkillMeatError, match="users is read-only: make it writable"):
            use("plain")

    monkeypatch.setenv("PGSERVICEFILE", str(folder / "missing" / "file"))
    with pytest.raises(SkillMeatError, match="cannot be written: No such file or directory: set"):
        write_service("new", {})
