"""Root starts the server as another user; every other user starts it as itself."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from skillmeat.embedded import find_binaries, get_status, start, stop
from skillmeat.embedded.os_user import OsUser, choose_os_user
from tests.embedded.clients import READING, STARTS, UNPRIVILEGED, as_root, client, read_output

pytestmark = as_root


@contextmanager
def restrict_path(
    monkeypatch: pytest.MonkeyPatch, directory: Path, *programs: str
) -> Iterator[None]:
    """Set a PATH with only these programs and the shell."""
    directory.mkdir()
    for program in ("sh", *programs):
        found = shutil.which(program)
        assert found
        (directory / program).symlink_to(found)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", str(directory))
        yield


def answers(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def chosen(root: Path) -> OsUser:
    root.mkdir()
    return choose_os_user(root, root / "data", find_binaries())


def test_an_ordinary_user_and_root_run_the_server_as_the_owner_of_its_files(
    open_root: Path,
) -> None:
    open_root.mkdir()
    os.chown(open_root, 65534, 65534)

    url = read_output(client(STARTS, open_root, before=(*UNPRIVILEGED, *READING)))

    assert answers(url)
    assert Path(f"/proc/{get_status(open_root).pid}").stat().st_uid == 65534
    stop(open_root)
    assert answers(start(open_root))
    stop(open_root)
    assert read_output(client(STARTS, open_root, before=(*UNPRIVILEGED, *READING)))


def test_root_starts_the_server_in_a_private_directory(running_root: Path) -> None:
    assert answers(start(running_root))
    assert running_root.parent.stat().st_mode & 0o77 == 0
    assert (running_root / "data").stat().st_mode & 0o77 == 0


def test_root_starts_the_server_without_user_namespaces(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with restrict_path(monkeypatch, tmp_path / "bin", "setpriv"):
        url = start(root)

    assert answers(url)
    assert (root / "data").stat().st_uid != 0


def test_root_without_another_user_to_run_as_is_an_error(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        restrict_path(monkeypatch, tmp_path / "bin"),
        pytest.raises(Exception, match="ordinary user"),
    ):
        chosen(root)


def test_root_switches_the_user_if_other_users_can_reach_the_folder(open_root: Path) -> None:
    attempt = client("", before=(*UNPRIVILEGED, str(find_binaries() / "postgres"), "--version"))
    with attempt:
        attempt.wait()
    if attempt.returncode:
        pytest.skip("only root can reach the binaries: put the checkout where others may read it")

    assert chosen(open_root).is_switched
