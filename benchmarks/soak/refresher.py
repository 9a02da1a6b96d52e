"""The refresher: `skillmeat refresh --watch` in a process of its own, that can be killed."""

import json
import os
import subprocess
import sys
from typing import IO, Final

from benchmarks.soak.sessions import NAME, Soak

WHO: Final = "refresher"
SECONDS_BEFORE_NEXT_START: Final = 1.0


class Refreshing:
    """Keeps a refresher running until the soak stops."""

    def __init__(self, soak: Soak) -> None:
        self._soak = soak
        self._process: subprocess.Popen[str] | None = None

    def run(self) -> None:
        """Start it, note what it tells, and start it again when it was killed."""
        while not self._soak.stop.is_set():
            with self._start() as process:
                self._process = process
                if self._soak.stop.is_set():
                    process.terminate()
                assert process.stdout is not None  # noqa: S101 - it is a pipe
                self._listen(process.stdout)
            self._soak.stop.wait(SECONDS_BEFORE_NEXT_START)

    def kill(self) -> None:
        """Have it drop everything."""
        if self._process is not None:
            self._process.kill()

    def end(self) -> None:
        """Have it end as it should; call once the soak stops."""
        if self._process is not None:
            self._process.terminate()

    def _start(self) -> subprocess.Popen[str]:
        url = self._soak.host.url
        named = f"{url}{'&' if '?' in url else '?'}application_name={NAME} {WHO}"
        return subprocess.Popen(
            [sys.executable, "-m", "skillmeat", "refresh", "--watch", "--json"],
            env={**os.environ, "SKILLMEAT_DATABASE_URL": named.replace(" ", "%20")},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _listen(self, told: IO[str]) -> None:
        for line in told:
            report = json.loads(line)
            self._soak.tally.add(report["event"])
            if report["event"] == "refreshed":
                self._soak.tally.refreshes.append(report["seconds"])
                self._soak.tally.add("changes refreshed", report["changes"])
