"""A server that does not start is reported in one line with its cure."""

import os
import sys
from pathlib import Path

import pytest

from skillmeat.embedded import binaries, find_binaries, start
from skillmeat.errors import ServerError
from tests.embedded.clients import READING, STARTS, UNPRIVILEGED, as_root, client


def read_error(code: str, *arguments: object, before: tuple[str, ...] = ()) -> str:
    with client(code, *arguments, before=before) as process:
        err = process.communicate(timeout=30)[1]
    assert process.returncode
    return err.splitlines()[-1]


def test_without_binaries_the_error_names_the_database_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(binaries, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServerError, match="SKILLMEAT_DATABASE_URL"):
        find_binaries()


@as_root
def test_the_error_names_an_unwritable_data_directory(open_root: Path) -> None:
    output = read_error(STARTS, open_root, before=(*UNPRIVILEGED, *READING))

    assert "Permission denied" in output
    assert "SKILLMEAT_DATA_DIR" in output
    assert not open_root.exists()


def test_the_error_names_a_file_in_place_of_the_data_directory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ServerError, match=r"file cannot be used .*SKILLMEAT_DATA_DIR"):
        start(tmp_path / "file")


@as_root
def test_data_of_another_user_is_refused(open_root: Path) -> None:
    open_root.mkdir()
    os.chown(open_root, 12345, 12345)
    open_root.chmod(0o777)

    assert "belongs to another user" in read_error(
        STARTS, open_root, before=(*UNPRIVILEGED, *READING)
    )


@as_root
def test_the_error_names_a_full_disk(tmp_path: Path) -> None:
    # The file system exists only in the process's mount namespace, and ends with the process.
    mounting = 'mount -t tmpfs -o size=8m none "$0" && exec "$@"'
    before = ("unshare", "--mount", "sh", "-c", mounting, str(tmp_path))
    with client("", before=before) as attempt:
        attempt.wait()
    if attempt.returncode:
        pytest.skip("needs a file system of its own: run as root, where mount is allowed")

    assert "the disk of" in read_error(STARTS, tmp_path / "data", before=before)


def test_data_of_another_major_version_is_kept_and_named(stopped_root: Path) -> None:
    version = stopped_root / "data" / "PG_VERSION"
    version.write_text("14\n")

    with pytest.raises(ServerError, match=r"made by PostgreSQL 14.*pg_upgrade"):
        start(stopped_root)

    assert version.read_text() == "14\n"


def test_a_directory_with_other_files_is_kept(root: Path) -> None:
    precious = root / "data" / "precious"
    precious.parent.mkdir(parents=True)
    precious.touch()

    with pytest.raises(ServerError, match="holds no PostgreSQL data"):
        start(root)

    assert precious.exists()


def test_the_error_quotes_the_server_s_log(stopped_root: Path) -> None:
    with (stopped_root / "data" / "postgresql.conf").open("a") as configuration:
        configuration.write("shared_buffers = '1 parsec'\n")

    with pytest.raises(ServerError, match='invalid value for parameter "shared_buffers"'):
        start(stopped_root)
