"""Names of an expert's classes, from the CSV that lies beside its network."""

from __future__ import annotations

import csv
from pathlib import Path

from earmark.lab.experts import must_exist


def read_names(path: Path) -> tuple[str, ...]:
    """Read the column `display_name`, in the order of the scores."""
    with must_exist(path).open(newline="", encoding="utf-8") as file:
        return tuple(line["display_name"] for line in csv.DictReader(file))
