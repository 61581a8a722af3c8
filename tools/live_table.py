"""Print how moments that are told live compare with those found in the whole recording.

The scenes are those of `moment_table.py`: one event of 40 kinds over another sound, asked for by
the phrase of its kind. *found* is how many events a moment meets, *overlap* what the best of
them and the event share of what either has, *more* moments that meet no event or one that another
meets. The last columns are seconds from an event's true end until its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from earmark import Model
from earmark.model.pool import TimeLine
from earmark.search.confidence import Calibration
from earmark.search.live.listening import Listening
from earmark.search.live.track import Tracker, calibration_of
from earmark.search.moments import Span
from earmark.search.one import Known, moments_of
from earmark.search.query import parse
from earmark.search.question import Question, ask
from earmark.synth import KINDS
from moment_table import SCENES, draw

LINES = (0.05, 0.3, 0.5, 0.7)


@dataclass(slots=True)
class Tally:
    """What came of all scenes."""

    overlaps: list[float] = field(default_factory=list)
    more: int = 0
    late: list[float] = field(default_factory=list)

    def add(self, spans: Sequence[Span], event: Span, told: Sequence[float] = ()) -> None:
        """Judge the moments of a scene."""
        shares = [overlap(span, event) for span in spans]
        met = [n for n, share in enumerate(shares) if share > 0]
        self.more += len(spans) - min(len(met), 1)
        if met:
            self.overlaps.append(max(shares))
            self.late += [told[met[-1]] - event[1]] if told else []

    def cells(self) -> str:
        """Write found, overlap and more."""
        return f"{len(self.overlaps):3} | {np.mean(self.overlaps):.3f} | {self.more:2}"


def overlap(span: Span, event: Span) -> float:
    """What both have of what either has."""
    both = min(span[1], event[1]) - max(span[0], event[0])
    return max(0.0, both) / (max(span[1], event[1]) - min(span[0], event[0]))


def in_whole(
    line: TimeLine, question: Question, model: Model, calibration: Calibration
) -> list[tuple[float, Span]]:
    """Find moments in a whole recording: -> confidence and span of each."""
    known = Known.of("", line, model)
    hits = moments_of(known, question, calibration, limit=20, unsure=True)
    return [(hit.confidence, (hit.start, hit.end)) for hit in hits]


def live(question: Question, model: Model, calibration: Calibration) -> Listening:
    """Make what listens at every line at once."""
    trackers = [Tracker(f"{line}", question, calibration, line=line) for line in LINES]
    return Listening(model, trackers, rate=model.rate)


def main() -> None:
    """Print a row a line."""
    model = Model.load()
    calibration = calibration_of(model)
    whole, told = ({line: Tally() for line in LINES} for _ in range(2))
    for number in range(SCENES):
        kind, wave, event = draw(number, model.rate)
        question = ask(parse(KINDS[kind].phrases[0]), model, None)
        heard = model.hear_wave(wave, rate=model.rate)
        found = in_whole(heard, question, model, calibration)
        listening = live(question, model, calibration)
        lines = [*listening.push(wave), *listening.finish()]
        for line in LINES:
            whole[line].add([span for p, span in found if p >= line], event)
            mine = [one for one in lines if one.query == f"{line}"]
            told[line].add([(o.start, o.end) for o in mine], event, [o.told for o in mine])
    print("| line | whole: found | overlap | more | live: found | overlap | more | late | most |")
    print("|---|---|---|---|---|---|---|---|---|")
    for line in LINES:
        late = told[line].late
        cells = f"{whole[line].cells()} | {told[line].cells()}"
        print(f"| {line} | {cells} | {np.median(late):.2f} | {max(late):.2f} |")


if __name__ == "__main__":
    main()
