"""File names of the Universal Category System: `CatID_FXName_CreatorID_SourceID`.

With its optional parts a name is
`CatID-UserCategory_VendorCategory-FXName_CreatorID_SourceID_UserData`. A category id is the short
name of a category in capitals, then that of a sub-category: `RAINConc`, `AMBForst`, `DOORWood`. Ids
are recognised by this form alone, as the official list may not be shipped, but for a few that are a
category in capitals and nothing else; four blocks are asked for, so that ordinary names with
underscores are not taken for one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

BLOCKS = 4
WHOLE = ("BEEP", "BNCE", "HAIL", "RAIN", "STORM", "SWSH", "THUN", "WHSH", "WIND", "WTHR")
_CAT_ID = re.compile(r"[A-Z]{2,5}[A-Z][a-z]{1,6}")
_VENDOR = re.compile(r"([A-Z0-9]+)-(.+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ucs:
    """What a UCS name says; parts that are not there are empty. Case is kept."""

    cat_id: str
    user_category: str = ""
    vendor_category: str = ""
    fx_name: str
    creator: str = ""
    source: str = ""
    user_data: str = ""


def is_cat_id(word: str) -> bool:
    """Whether a word has the form of a category id."""
    return word in WHOLE or _CAT_ID.fullmatch(word) is not None


def parse_name(path: PurePath) -> Ucs | None:
    """Read a file's name as a UCS name, or say None if it is not one."""
    category, *blocks = PurePath(path).stem.split("_")
    cat_id, _, user_category = category.partition("-")
    if not is_cat_id(cat_id) or len(blocks) < BLOCKS - 1 or not all(blocks[: BLOCKS - 1]):
        return None
    name, creator, source, *rest = blocks
    if cat_id in WHOLE and not name[0].isupper():
        return None  # RAIN_on_a_roof is a sentence, RAIN_Gutter_ABC_Lib is not
    vendor = _VENDOR.fullmatch(name)
    return Ucs(
        cat_id=cat_id,
        user_category=user_category,
        vendor_category=vendor[1] if vendor else "",
        fx_name=vendor[2] if vendor else name,
        creator=creator,
        source=source,
        user_data="_".join(rest),
    )
