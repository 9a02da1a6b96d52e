"""Prometheus metrics of requests, refreshes, the pool and the database."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from skillmeat.api.monitor import DatabaseMonitor
from skillmeat.api.shared_pool import SharedPool
from skillmeat.database.recording import QueryStats
from skillmeat.maintenance.refresh.events import RefreshEvent, SnapshotRefreshed, log_event

if TYPE_CHECKING:
    from skillmeat.api.served_catalogue import Catalogues


def _read_status(field: str) -> Callable[[DatabaseMonitor], float | None]:
    return lambda monitor: getattr(monitor.state.status, field, None)


# The name, the description, and the value for a catalogue, None if it is not known.
CATALOGUE_GAUGES: Final[tuple[tuple[str, str, Callable[[DatabaseMonitor], float | None]], ...]] = (
    ("ready", "1 if /readyz reports ready, else 0.", lambda monitor: not monitor.list_problems()),
    (
        "drift",
        "Counts and summaries that had drifted at the last comparison.",
        lambda monitor: monitor.drift,
    ),
    (
        "pending_counts",
        "Changes of counts that are not settled yet.",
        _read_status("pending_counts"),
    ),
    (
        "pending_changes",
        "Changes of artifacts since the last refresh.",
        _read_status("changes"),
    ),
    (
        "snapshot_age_seconds",
        "Time since the last refresh began, even if nothing has changed since.",
        _read_status("age_seconds"),
    ),
    (
        "last_refresh_seconds",
        "Duration of the last refresh by any server.",
        _read_status("refresh_seconds"),
    ),
)


class Metrics:
    """Counters and histograms of requests and refreshes, and gauges of the pool and catalogues."""

    def __init__(self, pool: SharedPool) -> None:
        self._pool = pool
        self._registry = CollectorRegistry()
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
        self._service_requests = Counter(
            "skillmeat_service_requests",
            "Answered requests to each catalogue, of a server for all services.",
            ("service", "status"),
            registry=self._registry,
        )
        # `labels` converts and locks at each call; methods, routes and statuses are few.
        self._get_counter = cache(self._requests.labels)
        self._get_histograms = cache(self._label_histograms)

    def watch(self, catalogues: "Catalogues") -> None:
        """Also report the state of these catalogues, and where their reads go."""
        self._registry.register(_GaugeCollector(self._pool, catalogues))
        if any(each.database.has_standbys for each in catalogues.served):
            self._registry.register(_StandbyCollector(catalogues))

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

    def record_service(self, service: str, *, status: int) -> None:
        """Record an answered request to a catalogue of a server for all services."""
        self._service_requests.labels(service, status).inc()

    def record_refresh(self, service: str | None, event: RefreshEvent) -> None:
        """Record a refresh, and log every event of the refresher."""
        if isinstance(event, SnapshotRefreshed):
            self._refreshes.observe(event.seconds)
        log_event(event, service=service)

    def render(self) -> bytes:
        """Render all metrics in the text format of Prometheus."""
        return generate_latest(self._registry)


class _GaugeCollector(Collector):
    def __init__(self, pool: SharedPool, catalogues: "Catalogues") -> None:
        self._pool = pool
        self._catalogues = catalogues

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, size, description in (
            ("pool_size", self._pool.open, "Connections to the database."),
            ("pool_available", self._pool.idle, "Idle connections."),
            ("pool_requests_waiting", self._pool.waiting, "Requests waiting for a connection."),
        ):
            yield GaugeMetricFamily(f"skillmeat_{name}", description, size)
        served = self._catalogues.served
        for name, description, read in CATALOGUE_GAUGES:
            labels = ["service"] if self._catalogues.are_services else []
            gauge = GaugeMetricFamily(f"skillmeat_{name}", description, labels=labels)
            for each in served:
                value = read(each.monitor)
                if value is not None:
                    gauge.add_metric(labels and [str(each.service)], value)
            if gauge.samples:
                yield gauge


class _StandbyCollector(Collector):
    def __init__(self, catalogues: "Catalogues") -> None:
        self._catalogues = catalogues

    def collect(self) -> Iterator[Metric]:
        reads = CounterMetricFamily(
            "skillmeat_reads",
            "Answered reads by server, and the reason: `replayed` by a standby; by the primary, "
            "because no standby was usable, or it failed, or lacked the client's position or more "
            "than the allowed lag.",
            labels=("server", "reason"),
        )
        # Only a server of one catalogue reads from standbys.
        (catalogue,) = self._catalogues.served
        for labels, count in list(catalogue.database.reads.items()):
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
        for standby, state in catalogue.database.monitor.states.items():
            usable.add_metric([standby.name], int(state.problem is None))
            if state.lag is not None:
                lag.add_metric([standby.name], state.lag)
        yield usable
        yield lag
