"""Lists of objects in JSON, as sources of text publish them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from earmark.data.tables import read_text
from earmark.errors import DataError


def objects(path: Path, needed: Sequence[str], *, inside: str = "") -> list[dict[str, Any]]:
    """Read a list of objects that have these keys; `inside` is the key that it stands under."""
    try:
        page = json.loads(read_text(path))
    except ValueError as error:
        raise DataError(f"{path} is not JSON: {error}", hint="get the file again") from error
    found = page.get(inside) if inside and isinstance(page, dict) else page
    whole = isinstance(found, list) and all(
        isinstance(one, dict) and all(key in one for key in needed) for one in found
    )
    if not isinstance(found, list) or not whole:
        raise DataError(
            f"{path} is not a list of objects with {', '.join(needed)}", hint="get the file again"
        )
    return found
