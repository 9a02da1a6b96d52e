"""File systems that are soon full. Only root can make them, and not in every container."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, *, megabytes: int, owner: os.stat_result) -> Iterator[Path]:
    """Have a file system of that size there, which belongs to an owner; skip where none can be."""
    place.mkdir()
    options = f"size={megabytes}m,mode=0700,uid={owner.st_uid},gid={owner.st_gid}"
    try:
        _mount("-t", "tmpfs", "-o", options, "small", str(place))
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs a file system of its own: run as root, where mount is allowed")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)  # noqa: S607


def resize(place: Path, *, megabytes: int) -> None:
    """Make room."""
    _mount("-o", f"remount,size={megabytes}m", str(place))


def fill(place: Path) -> Path:
    """Leave no room, and return the file to be deleted for some."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1024**2, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return ballast


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)  # noqa: S607
