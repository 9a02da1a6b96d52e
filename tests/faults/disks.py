"""Small file systems that fill up. Only root can mount them, and not in every container."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, *, megabytes: int, owner: os.stat_result) -> Iterator[Path]:
    """Mount a file system of that size for its owner; skip the test if that is not allowed."""
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
    """Change the size of the file system."""
    _mount("-o", f"remount,size={megabytes}m", str(place))


def fill(place: Path) -> Path:
    """Fill the disk; return the file to delete to make room."""
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
