"""Counts and times of requests in the text form that Prometheus reads."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from threading import Lock

BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0)  # seconds
MEDIA = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """What was asked for since the server began."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests = Counter[tuple[str, str, int]]()
        self._buckets = defaultdict[str, list[int]](lambda: [0] * len(BUCKETS))
        self._sums, self._counts = Counter[str](), Counter[str]()

    def count(self, name: str, method: str, status: int, seconds: float) -> None:
        """Note one request, by the name of its address; nothing of what it asked for."""
        with self._lock:
            self._requests[name, method, status] += 1
            self._sums[name] += seconds  # type: ignore[assignment]  # a counter adds floats too
            self._counts[name] += 1
            for n, most in enumerate(BUCKETS):
                self._buckets[name][n] += seconds <= most

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Write all, with values that are true now: name -> what it is, value."""
        with self._lock:
            lines = [*self._lines(), *_gauges(gauges)]
        return "\n".join(lines) + "\n"

    def _lines(self) -> Iterator[str]:
        yield "# HELP earmark_requests_total Requests that were answered."
        yield "# TYPE earmark_requests_total counter"
        for (name, method, status), count in sorted(self._requests.items()):
            labels = f'endpoint="{name}",method="{method}",status="{status}"'
            yield f"earmark_requests_total{{{labels}}} {count}"
        yield "# HELP earmark_request_seconds Seconds until an answer was ready to be sent."
        yield "# TYPE earmark_request_seconds histogram"
        for name, buckets in sorted(self._buckets.items()):
            for most, count in zip(BUCKETS, buckets, strict=True):
                yield f'earmark_request_seconds_bucket{{endpoint="{name}",le="{most:g}"}} {count}'
            total = self._counts[name]
            yield f'earmark_request_seconds_bucket{{endpoint="{name}",le="+Inf"}} {total}'
            yield f'earmark_request_seconds_sum{{endpoint="{name}"}} {self._sums[name]:.6f}'
            yield f'earmark_request_seconds_count{{endpoint="{name}"}} {total}'


def _gauges(gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
    for name, (does, value) in gauges.items():
        yield f"# HELP earmark_{name} {does}"
        yield f"# TYPE earmark_{name} gauge"
        yield f"earmark_{name} {value:g}"
