"""Draw scenes by a plan: which sounds, when, how loud, over what; the same for the same seed.

Labels of one group never share a scene, so that a general word always means one sound of it. Events
come one after the other with a clear gap, or overlap by enough to be clearly together, and what
overlaps is about equally loud, so that neither hides the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from earmark.errors import UsageError
from earmark.scenes.bank import Bank, Sound
from earmark.scenes.constraints import PAUSE, TOGETHER, holds
from earmark.scenes.cuts import SHORTEST
from earmark.scenes.truth import GRID, Background, Event, Scene

_GAP = 0.5  # s at least between events that follow each other
_EDGE = 0.25  # s at least before the first event and after the last
_LIKE_DB = 4.0  # how far apart in level events may be that overlap

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What scenes to draw. Pairs are from - to; shares are probabilities."""

    seconds: Span = (8.0, 20.0)  # length of a scene
    events: tuple[int, int] = (1, 4)  # occurrences, repetitions counted
    longest: float = 6.0  # s of an event at most
    background: float = 0.7  # share of scenes with a texture under them, others have faint noise
    level_db: Span = (-40.0, -28.0)  # of the background, RMS against full scale
    snr_db: Span = (5.0, 20.0)  # of events over the background
    floor_db: Span = (-58.0, -50.0)  # of the faint noise where there is no background
    floor_snr_db: Span = (25.0, 35.0)  # of events over the faint noise
    overlap: float = 0.35  # share of events that begin during the one before
    repeat: float = 0.25  # share of scenes of two events or more in which one sound comes again
    distant: float = 0.2  # share of events that are distant
    distant_db: Span = (6.0, 10.0)  # how much softer a distant event is, down to 0 dB
    twins: float = 0.1  # share of a pool's scenes that stand there in both orders
    captions: int = 3  # of each scene
    rules: tuple[str, ...] = ()  # of the grammar; all, if empty
    split: str = ""  # written into every scene

    def __post_init__(self) -> None:
        wrong = _first_fault(self)
        if wrong:
            raise UsageError(
                f"no scene can be drawn by this plan: {wrong}", hint="correct the plan"
            )


def seed_of(*parts: int) -> int:
    """Make one seed of several numbers."""
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def draw_scene(bank: Bank, plan: Plan, *, seed: int, name: str = "scene") -> Scene:
    """Draw a scene without captions: as many of the wanted events as fit, one at least."""
    rng = np.random.default_rng(seed)
    seconds = round(float(rng.uniform(*plan.seconds)), GRID)
    bed = _background(bank, plan, rng)
    level = _between(plan.level_db if bed else plan.floor_db, rng)
    labels = _labels(bank, plan, bed, rng)
    longest = min(plan.longest, max(SHORTEST, (seconds - 2 * _EDGE) / len(labels) - _GAP))
    far = {label: bool(rng.random() < plan.distant) for label in dict.fromkeys(labels)}
    snr_db = plan.snr_db if bed else plan.floor_snr_db
    events = [
        _leveled(_event(bank, label, longest, rng), snr_db, plan.distant_db, far[label], rng)
        for label in labels
    ]
    return Scene(
        id=name,
        split=plan.split,
        seconds=seconds,
        seed=seed,
        level_db=level,
        background=bed,
        events=_placed(events, seconds, plan.overlap, rng),
    )


def mirrored(scene: Scene, name: str) -> Scene:
    """Turn the times of a scene around, not its sounds: every order is swapped, all else stays."""
    turned = (
        replace(
            event,
            start=round(scene.seconds - event.end, GRID),
            end=round(scene.seconds - event.start, GRID),
        )
        for event in scene.events
    )
    return replace(scene, id=name, events=_ordered(turned), twin=scene.id, captions=())


def at_snr(scene: Scene, snr_db: float) -> Scene:
    """Put every event at this SNR, and drop the captions that are true no longer."""
    events = tuple(replace(event, snr_db=snr_db) for event in scene.events)
    moved = replace(scene, events=events)
    return replace(moved, captions=tuple(one for one in scene.captions if holds(one, moved)))


def _ordered(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: (event.start, event.end, event.sound)))


def _background(bank: Bank, plan: Plan, rng: np.random.Generator) -> Background | None:
    textures = bank.textures()
    if rng.random() >= plan.background or not textures:
        return None
    sound = _pick(bank, textures[int(rng.integers(len(textures)))], rng)
    return Background(
        label=sound.label,
        group=bank.group(sound.label),
        sound=sound.name,
        recording=sound.recording,
    )


def _pick(bank: Bank, label: str, rng: np.random.Generator) -> Sound:
    sounds = bank.by_label[label]
    return sounds[int(rng.integers(len(sounds)))]


def _between(span: Span, rng: np.random.Generator) -> float:
    return round(float(rng.uniform(*span)), GRID)


def _labels(bank: Bank, plan: Plan, bed: Background | None, rng: np.random.Generator) -> list[str]:
    """Choose the labels of the events in order, all of different groups but for a repeated one."""
    wanted = int(rng.integers(plan.events[0], plan.events[1] + 1))
    repeats = wanted > 1 and rng.random() < plan.repeat
    more = int(rng.integers(1, min(wanted, 3))) if repeats else 0
    by_group: dict[str, str] = {bed.group: ""} if bed else {}
    every = list(bank.by_label)
    for place in rng.permutation(len(every)):
        label = every[place]
        by_group.setdefault(bank.group(label), label)
    labels = [label for label in by_group.values() if label]
    if len(labels) < wanted - more:
        raise UsageError(
            f"a scene wants {wanted - more} different sounds, the bank has {len(labels)} to offer",
            hint="draw fewer events, or give a bank with more labels",
        )
    chosen = labels[: wanted - more] + labels[:1] * more
    return [chosen[place] for place in rng.permutation(len(chosen))]


def _event(bank: Bank, label: str, longest: float, rng: np.random.Generator) -> Event:
    """Choose a sound and the part of it that is heard; its time starts at 0 for now."""
    sound = _pick(bank, label, rng)
    length = _between((min(2.0, longest), longest), rng)
    cut = bank.cut(sound, length if sound.texture else longest)
    return Event(
        label=label,
        group=bank.group(label),
        start=0.0,
        end=cut.seconds,
        snr_db=0.0,
        distant=False,
        sound=sound.name,
        recording=sound.recording,
        cut=(cut.start, cut.end),
        repeats=cut.repeats,
    )


def _leveled(
    event: Event, snr_db: Span, softer_db: Span, distant: bool, rng: np.random.Generator
) -> Event:
    level, softer = _between(snr_db, rng), _between(softer_db, rng)
    if distant:
        level = round(max(level - softer, min(level, 0.0)), GRID)
    return replace(event, snr_db=level, distant=distant)


def _placed(
    events: list[Event], seconds: float, overlap: float, rng: np.random.Generator
) -> tuple[Event, ...]:
    """Lay events out, leave away the last ones if they do not fit, and spread the time left."""
    blocks = _blocks(events, overlap, rng)
    while _end(blocks) > seconds - 2 * _EDGE and len(events) > 1:
        events = events[:-1]
        blocks = _blocks(events, overlap, rng)
    left = max(0.0, seconds - 2 * _EDGE - _end(blocks))
    later = _EDGE + left * np.cumsum(rng.dirichlet(np.ones(len(blocks) + 1)))
    return _ordered(
        _at(event, event.start + round(float(shift), GRID))
        for block, shift in zip(blocks, later, strict=False)
        for event in block
    )


def _blocks(events: list[Event], overlap: float, rng: np.random.Generator) -> list[list[Event]]:
    """Put events as close as may be: in blocks of overlapping ones, blocks one after the other."""
    blocks: list[list[Event]] = [[events[0]]]
    ends = {events[0].label: events[0].end}
    for event in events[1:]:
        last = max(blocks[-1], key=lambda one: one.end)
        wants = rng.random() < overlap
        over = None
        if wants and event.label not in ends and event.distant == last.distant:
            over = _over(event, last, rng)
        if over and all(_is_clear(one, over) for one in blocks[-1]):
            blocks[-1].append(over)
        else:
            apart = ends.get(event.label, -PAUSE) + PAUSE
            blocks.append([_at(event, max(last.end + _GAP, apart))])
        ends[event.label] = blocks[-1][-1].end
    return blocks


def _over(event: Event, last: Event, rng: np.random.Generator) -> Event:
    """Let an event begin while the last one sounds, at about its level."""
    most = min(event.seconds, last.seconds)
    shared = _between((max(TOGETHER, most / 2), most), rng)
    apart_db = max(-_LIKE_DB, min(_LIKE_DB, event.snr_db - last.snr_db))
    begun = _at(event, last.end - shared)
    return replace(begun, snr_db=round(last.snr_db + apart_db, GRID))


def _is_clear(one: Event, later: Event) -> bool:
    """Tell whether two events are clearly together, neither hiding the other, or clearly apart."""
    shared = round(min(one.end, later.end) - later.start, GRID)
    together = shared >= max(TOGETHER, min(one.seconds, later.seconds) / 2)
    alike = round(abs(one.snr_db - later.snr_db), GRID) <= _LIKE_DB
    return shared <= -_GAP or (together and alike)


def _at(event: Event, start: float) -> Event:
    start = round(start, GRID)
    return replace(event, start=start, end=round(start + event.seconds, GRID))


def _end(blocks: list[list[Event]]) -> float:
    return max(event.end for event in blocks[-1])


def _first_fault(plan: Plan) -> str:
    """Say what is wrong with a plan, or nothing."""
    pairs = ("seconds", "events", "level_db", "snr_db", "floor_db", "floor_snr_db", "distant_db")
    shares = ("background", "overlap", "repeat", "distant", "twins")
    low, high = plan.seconds
    faults = {
        f"{name} goes from {getattr(plan, name)[0]} to {getattr(plan, name)[1]}": not (
            -inf < getattr(plan, name)[0] <= getattr(plan, name)[1] < inf
        )
        for name in pairs
    }
    faults |= {
        f"{name} = {getattr(plan, name)} is not a share": not 0 <= getattr(plan, name) <= 1
        for name in shares
    }
    faults |= {
        f"{low} to {high} s, scenes last 5 to 600 s": not 5 <= low <= high <= 600,
        f"events at most {plan.longest} s long, they last {SHORTEST} s or more": not (
            plan.longest >= SHORTEST
        ),
        f"{plan.events[0]} events": plan.events[0] < 1,
        f"{plan.captions} captions": plan.captions < 0,
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")
