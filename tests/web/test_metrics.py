"""Counts in the form that Prometheus reads."""

import re

import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from earmark.web.metrics import Metrics

LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')


def test_metrics_by_hand():
    metrics = Metrics()
    metrics.count("search", "GET", 200, 0.02)
    metrics.count("search", "GET", 200, 0.25)
    metrics.count("search", "GET", 400, 40.0)
    text = metrics.text({"recordings": ("Recordings of the library.", 7)})

    assert 'earmark_requests_total{endpoint="search",method="GET",status="200"} 2\n' in text
    assert 'earmark_requests_total{endpoint="search",method="GET",status="400"} 1\n' in text
    counts = re.findall(r'bucket\{endpoint="search",le="([^"]+)"\} (\d+)', text)
    assert counts == [
        ("0.01", "0"), ("0.05", "1"), ("0.1", "1"), ("0.5", "2"), ("1", "2"), ("5", "2"),
        ("30", "2"), ("+Inf", "3"),
    ]  # fmt: skip
    assert 'earmark_request_seconds_sum{endpoint="search"} 40.270000\n' in text
    assert text.endswith("# TYPE earmark_recordings gauge\nearmark_recordings 7\n")


def test_the_server_tells_its_metrics_and_nothing_of_what_was_asked(client):
    client.get("/api/v1/search", params={"q": "a very private question"})
    told = client.get("/api/v1/metrics")

    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "private" not in told.text
    for line in told.text.splitlines():
        assert line.startswith("# ") or LINE.fullmatch(line), line
    assert "earmark_recordings 13" in told.text
