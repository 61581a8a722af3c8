"""Whether a system finds what was asked for: ranks, metrics, chance, protocols and comparison."""

from earmark.score.compare import Difference, Interval, differences, intervals
from earmark.score.ensemble import ensemble
from earmark.score.metrics import NAMES, metric
from earmark.score.protocols import PROTOCOLS, Protocol, protocol
from earmark.score.ranking import Ranking, join, rank
from earmark.score.report import Figure, Report, Seeds, both_ways, over_seeds, report
from earmark.score.task import Asked, Task

__all__ = [
    "NAMES",
    "PROTOCOLS",
    "Asked",
    "Difference",
    "Figure",
    "Interval",
    "Protocol",
    "Ranking",
    "Report",
    "Seeds",
    "Task",
    "both_ways",
    "differences",
    "ensemble",
    "intervals",
    "join",
    "metric",
    "over_seeds",
    "protocol",
    "rank",
    "report",
]
