"""The log of the postmaster: its size, and the last error in it."""

from pathlib import Path

from skillmeat.embedded.postmaster import open_log, read_last_error


def test_a_large_log_is_renamed(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("wb") as file:
        file.truncate(11 * 1024 * 1024)

    with open(open_log(log), "wb") as file:  # noqa: PTH123 - a descriptor
        file.write(b"new\n")

    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "server.log.1").stat().st_size == 11 * 1024 * 1024


def test_the_last_error_is_read_with_its_hint_and_without_its_time(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text(
        "old FATAL:  not this\n"
        "2026-01-01 UTC [1] LOG:  starting PostgreSQL\n"
        '2026-01-01 UTC [1] FATAL:  lock file "postmaster.pid" already exists\n'
        "2026-01-01 UTC [1] HINT:  Is another postmaster running?\n"
        "2026-01-01 UTC [1] LOG:  database system is shut down\n"
    )

    output = read_last_error(log, len("old FATAL:  not this\n"))

    assert output == (
        'FATAL: lock file "postmaster.pid" already exists HINT: Is another postmaster running?'
    )
