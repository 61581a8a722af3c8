"""What a sentence says of what comes first, and of what is louder: words between sounds as marks.

A `<` stands where what is named on the left comes before what is named on the right, `>`
where it comes after, and likewise `{` and `}` where the left is louder, or quieter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

EARLIER, LATER, LOUDER, QUIETER = MARKS = "<>{}"

# What only looks like order.
IDLE = r"\b(?:now and then|time after time|over and over(?: again)?|day after day)\b"
# A list in order: its commas are what comes between.
LISTED = r"\b(?:one after (?:the other|another)|in (?:this|that) order)\s*:(.*)$"
# "After a, b" and "before a, b": the first comma is what comes between.
NEAR = r"(?:just |right |shortly |immediately )?"
AFTER = rf"(^|[;:.] ?)(?:and )?{NEAR}(?:after|following) (?!that\b|which\b)([^,;:]+),"
BEFORE = rf"(^|[;:.] ?)(?:and )?{NEAR}before (?!that\b|which\b)([^,;:]+),"
# "a, with b coming later": the word stands behind what it is about.
PART = r"([^,;:<>{}]+?)"
BEHIND = (
    rf"(?:, (?:with |and )?| (?:with|and) ){PART} (?:(?:coming|heard|following) )?"
    r"(?:later(?: on| still)?|afterwards?|after that|at the end)(?=\s*[,;.]|\s*$)"
)
AHEAD = rf",? (?:with |and ){PART} (?:earlier|beforehand|before (?:that|both|all))(?=\s*[,;.]|\s*$)"
FROM = rf"\b(?:going|moving|changing) from {PART} to\b"
WITH_LESS = rf",? with {PART} more (?:quietly|softly|faintly)(?=\s*[,;.]|\s*$)"
SOON = r"(?:(?:and|is|are|which is|which are|immediately|shortly|closely|soon|quickly|directly) )*"
THEN = (
    rf"{SOON}(?:followed|succeeded) by",
    r"\b(?:and |with )?after (?:that|which|this)\b",
    r"\b(?:and |, )?(?:then|afterwards?|thereafter|subsequently)\b",
    r"\b(?:and |, )?(?:later on|later still|later)\b",
    r"\b(?:and )?(?:from there to|earlier than)\b",
    r"\bbefore\b(?! (?:that|which|this)\b)",
)
SINCE = (
    rf"\b(?:and |but )?(?:only )?{NEAR}(?:preceded by|which came after|after)\b",
    r"\b(?:and )?(?:before|prior to) (?:that|which|this)\b",
    r"\bonce\b(?= [^,;]+ (?:is|are) (?:over|done|finished)\b)",
)
ABOVE = (
    r"\blouder than\b",
    r"\bat a (?:higher|greater|louder) volume than\b",
    r"\b(?:noticeably |much )?stronger than\b",
    r"\boutdoing\b",
    r"\band, more (?:quietly|softly|faintly),",
)
BELOW = (
    r"\b(?:quieter|fainter|softer|more (?:quiet|quietly|softly)|less loud(?:ly)?) than\b",
    r"\bat a (?:lower|quieter) volume than\b",
    r"\bnot (?:as|so) loud(?:ly)? as\b",
    r"\band, louder,",
)


def marked(text: str) -> str:
    """Put marks where words of order or of loudness stand, in small letters."""
    text = text.casefold().translate(dict.fromkeys(map(ord, MARKS)))
    for find, put in _MARKERS:
        text = find.sub(put, text)
    return text


def _list(found: re.Match[str]) -> str:
    return ": " + found[1].replace(",", f" {EARLIER} ")


def _with(mark: str) -> Callable[[re.Match[str]], str]:
    return lambda found: f"{found[1]}{found[2]} {mark} "


_MARKERS: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(IDLE), ""),
    (re.compile(LISTED), _list),
    *((re.compile(one), f" {LOUDER} ") for one in ABOVE),
    *((re.compile(one), f" {QUIETER} ") for one in BELOW),
    (re.compile(AFTER), _with(EARLIER)),
    (re.compile(BEFORE), _with(LATER)),
    (re.compile(BEHIND), rf" {EARLIER} \1"),
    (re.compile(AHEAD), rf" {LATER} \1"),
    (re.compile(FROM), rf" \1 {EARLIER} "),
    (re.compile(WITH_LESS), rf" {LOUDER} \1"),
    *((re.compile(one), f" {EARLIER} ") for one in THEN),
    *((re.compile(one), f" {LATER} ") for one in SINCE),
)
