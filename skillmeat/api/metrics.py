"""Prometheus metrics of requests, refreshes, the pool and the database."""

from collections.abc import Iterator
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from skillmeat.api.database import Database
from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.api.shared_pool import SharedPool
from skillmeat.maintenance.refresh.events import RefreshEvent, SnapshotRefreshed, log_event
from skillmeat.recording import QueryStats


class Metrics:
    """Counters and histograms of requests and refreshes, and gauges of the pool and the monitor."""

    def __init__(self, pool: SharedPool, monitor: DatabaseMonitor) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_GaugeCollector(pool, monitor))
        self._requests = Counter(
            "skillmeat_requests",
            "Answered requests.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "skillmeat_request_seconds",
            "Duration of requests.",
            ("method", "route"),
            registry=self._registry,
        )
        self._statements = Histogram(
            "skillmeat_request_statements",
            "Statements of a request.",
            ("method", "route"),
            buckets=(0, 1, 2, 3, 4, 8),
            registry=self._registry,
        )
        self._database_seconds = Histogram(
            "skillmeat_request_database_seconds",
            "Duration of the statements of a request.",
            ("method", "route"),
            registry=self._registry,
        )
        self._refreshes = Histogram(
            "skillmeat_refresh_seconds",
            "Duration of the refreshes by this server.",
            registry=self._registry,
        )
        # `labels` converts and locks at each call; methods, routes and statuses are few.
        self._get_counter = cache(self._requests.labels)
        self._get_histograms = cache(self._label_histograms)

    def watch_standbys(self, database: Database) -> None:
        """Also report the lag of each standby, and where reads go."""
        self._registry.register(_StandbyCollector(database))

    def record_request(
        self, *, method: str, route: str, status: int, seconds: float, stats: QueryStats
    ) -> None:
        """Record an answered request with its duration and its statements."""
        self._get_counter(method, route, status).inc()
        taken, statements, database_seconds = self._get_histograms(method, route)
        taken.observe(seconds)
        statements.observe(stats.statements)
        database_seconds.observe(stats.seconds)

    def _label_histograms(self, method: str, route: str) -> tuple[Histogram, ...]:
        histograms = (self._seconds, self._statements, self._database_seconds)
        return tuple(each.labels(method, route) for each in histograms)

    def record_refresh(self, event: RefreshEvent) -> None:
        """Record a refresh, and log every event of the refresher."""
        if isinstance(event, SnapshotRefreshed):
            self._refreshes.observe(event.seconds)
        log_event(event)

    def render(self) -> bytes:
        """Render all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class _GaugeCollector(Collector):
    def __init__(self, pool: SharedPool, monitor: DatabaseMonitor) -> None:
        self._pool = pool
        self._monitor = monitor

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge, value, description in (
            ("pool_size", self._pool.open, "Connections to the database."),
            ("pool_available", self._pool.idle, "Idle connections."),
            ("pool_requests_waiting", self._pool.waiting, "Requests waiting for a connection."),
        ):
            yield GaugeMetricFamily(f"skillmeat_{gauge}", description, value)
        ready = not self._monitor.list_problems()
        yield GaugeMetricFamily(
            "skillmeat_ready", "1 if /readyz reports ready, else 0.", int(ready)
        )
        if self._monitor.drift is not None:
            yield GaugeMetricFamily(
                "skillmeat_drift",
                "Counts and summaries that had drifted at the last comparison.",
                self._monitor.drift,
            )
        status = self._monitor.state.status
        if status is None:
            return
        yield GaugeMetricFamily(
            "skillmeat_pending_counts",
            "Changes of counts that are not settled yet.",
            status.pending_counts,
        )
        yield GaugeMetricFamily(
            "skillmeat_pending_changes",
            "Changes of artifacts since the last refresh.",
            status.changes,
        )
        if status.age_seconds is not None:
            yield GaugeMetricFamily(
                "skillmeat_snapshot_age_seconds", "Time since the last refresh.", status.age_seconds
            )
        if status.refresh_seconds is not None:
            yield GaugeMetricFamily(
                "skillmeat_last_refresh_seconds",
                "Duration of the last refresh by any server.",
                status.refresh_seconds,
            )


class _StandbyCollector(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        reads = CounterMetricFamily(
            "skillmeat_reads",
            "Answered reads by server, and the reason: `replayed` by a standby; by the primary, "
            "because no standby was usable, or it failed, or lacked the client's position or more "
            "than the allowed lag.",
            labels=("server", "reason"),
        )
        for labels, count in list(self._database.reads.items()):
            reads.add_metric(labels, count)
        yield reads
        usable = GaugeMetricFamily(
            "skillmeat_standby_usable", "1 if reads go to the standby, else 0.", labels=["standby"]
        )
        lag = GaugeMetricFamily(
            "skillmeat_standby_lag_seconds",
            "Time since the primary had what the standby lacks; 0 if it lacks nothing.",
            labels=["standby"],
        )
        for standby, state in self._database.monitor.states.items():
            usable.add_metric([standby.name], int(state.problem is None))
            if state.lag is not None:
                lag.add_metric([standby.name], state.lag)
        yield usable
        yield lag
