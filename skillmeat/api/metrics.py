"""Metrics for Prometheus: requests, refreshes, the pool, and the state of the database."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from skillmeat.api.connection import DatabasePool
from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.maintenance.refresh.events import RefreshEvent, SnapshotRefreshed, log_event
from skillmeat.recording import QueryStats


class Metrics:
    """Records requests and refreshes, and reads the gauges of pool and monitor when rendered."""

    def __init__(self, database: DatabasePool, monitor: DatabaseMonitor) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_GaugeCollector(database, monitor))
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

    def record_request(
        self, *, method: str, route: str, status: int, seconds: float, stats: QueryStats
    ) -> None:
        """Count an answered request, its seconds and its statements."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seconds)
        self._statements.labels(method, route).observe(stats.statements)
        self._database_seconds.labels(method, route).observe(stats.seconds)

    def record_refresh(self, event: RefreshEvent) -> None:
        """Count a refresh, and log what the refresher reports."""
        if isinstance(event, SnapshotRefreshed):
            self._refreshes.observe(event.seconds)
        log_event(event)

    def render(self) -> bytes:
        """Render all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class _GaugeCollector(Collector):
    def __init__(self, database: DatabasePool, monitor: DatabaseMonitor) -> None:
        self._database = database
        self._monitor = monitor

    def collect(self) -> Iterator[GaugeMetricFamily]:
        stats = self._database.get_stats()
        for gauge, key, description in (
            ("pool_size", "pool_size", "Connections to the database."),
            ("pool_available", "pool_available", "Connections that are idle."),
            (
                "pool_requests_waiting",
                "requests_waiting",
                "Requests that wait for a connection.",
            ),
        ):
            yield GaugeMetricFamily(f"skillmeat_{gauge}", description, stats.get(key, 0))
        ready = not self._monitor.list_problems()
        yield GaugeMetricFamily("skillmeat_ready", "1 if /readyz says so.", int(ready))
        if self._monitor.drift is not None:
            yield GaugeMetricFamily(
                "skillmeat_drift",
                "Counts and summaries that differed from the truth when they were compared.",
                self._monitor.drift,
            )
        status = self._monitor.state.status
        if status is None:
            return
        yield GaugeMetricFamily(
            "skillmeat_pending_counts", "Changes of counts not settled yet.", status.pending_counts
        )
        yield GaugeMetricFamily(
            "skillmeat_pending_changes", "Changes since the last refresh.", status.changes
        )
        if status.age_seconds is not None:
            yield GaugeMetricFamily(
                "skillmeat_snapshot_age_seconds", "Since the last refresh.", status.age_seconds
            )
        if status.refresh_seconds is not None:
            yield GaugeMetricFamily(
                "skillmeat_last_refresh_seconds",
                "How long the last refresh took, on any server.",
                status.refresh_seconds,
            )
