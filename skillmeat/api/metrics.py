"""What the server measures, as Prometheus reads it."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from skillmeat.api.database import Database
from skillmeat.api.monitor import Observer
from skillmeat.api.tally import Tally
from skillmeat.maintenance.refresh.events import Refreshed, Report, log


class Metrics:
    """Counts requests and refreshes, and passes on what is known when it is asked."""

    def __init__(self, database: Database, observer: Observer) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Known(database, observer))
        self._requests = Counter(
            "skillmeat_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "skillmeat_request_seconds",
            "How long requests took.",
            ("method", "route"),
            registry=self._registry,
        )
        self._statements = Histogram(
            "skillmeat_request_statements",
            "How many statements a request ran.",
            ("method", "route"),
            buckets=(0, 1, 2, 3, 4, 8),
            registry=self._registry,
        )
        self._database_seconds = Histogram(
            "skillmeat_request_database_seconds",
            "How long the statements of a request took.",
            ("method", "route"),
            registry=self._registry,
        )
        self._refreshes = Histogram(
            "skillmeat_refresh_seconds",
            "How long refreshes by this server took.",
            registry=self._registry,
        )

    def answered(
        self, *, method: str, route: str, status: int, seconds: float, tally: Tally
    ) -> None:
        """Count a request."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
        self._statements.labels(method, route).observe(tally.statements)
        self._database_seconds.labels(method, route).observe(tally.seconds)

    def report(self, report: Report) -> None:
        """Count a refresh, and log what a refresher reports."""
        if isinstance(report, Refreshed):
            self._refreshes.observe(report.seconds)
        log(report)

    def text(self) -> bytes:
        """Everything, in Prometheus' own format."""
        return generate_latest(self._registry)


class _Known(Collector):
    """What others know already, as gauges."""

    def __init__(self, database: Database, observer: Observer) -> None:
        self._database = database
        self._observer = observer

    def collect(self) -> Iterator[GaugeMetricFamily]:
        stats = self._database.stats()
        for name, says in (
            ("pool_size", "Connections to the database."),
            ("pool_available", "Connections that nobody uses just now."),
            ("requests_waiting", "Requests that wait for a connection."),
        ):
            gauge = name if name.startswith("pool_") else f"pool_{name}"
            yield GaugeMetricFamily(f"skillmeat_{gauge}", says, stats.get(name, 0))
        ready = not self._observer.problems()
        yield GaugeMetricFamily("skillmeat_ready", "1 if /readyz says so.", int(ready))
        if self._observer.drift is not None:
            yield GaugeMetricFamily(
                "skillmeat_drift",
                "Counts and summaries that differed from the truth when they were compared.",
                self._observer.drift,
            )
        found = self._observer.seen.status
        if found is None:
            return
        yield GaugeMetricFamily(
            "skillmeat_pending_counts", "Changes of counts not settled yet.", found.pending_counts
        )
        yield GaugeMetricFamily(
            "skillmeat_pending_changes", "Changes since the last refresh.", found.changes
        )
        if found.age_seconds is not None:
            yield GaugeMetricFamily(
                "skillmeat_snapshot_age_seconds", "Since the last refresh.", found.age_seconds
            )
        if found.refresh_seconds is not None:
            yield GaugeMetricFamily(
                "skillmeat_last_refresh_seconds",
                "How long the last refresh took, whoever did it.",
                found.refresh_seconds,
            )
