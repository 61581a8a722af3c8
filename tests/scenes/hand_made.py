"""Scenes written by hand, for tests of what is true of them."""

from earmark.scenes.truth import Background, Caption, Constraint, Event, Scene


def event(label, start, end, *, snr_db=10.0, distant=False, group=None):
    return Event(
        label=label,
        group=label if group is None else group,
        start=start,
        end=end,
        snr_db=snr_db,
        distant=distant,
        sound=f"{label}/0",
        recording=f"{label} 0",
        cut=(0.0, round(end - start, 2)),
    )


def bed(label, group=None):
    return Background(label=label, group=group or label, sound=f"{label}/0", recording=f"{label} 0")


def scene(*events, background=None, seconds=20.0, name="x"):
    return Scene(
        id=name,
        seconds=seconds,
        seed=1,
        level_db=-40.0,
        background=background,
        events=tuple(sorted(events, key=lambda one: one.start)),
    )


def claim(words, count=0):
    relation, *labels = words.split()
    return Constraint(relation, tuple(labels), count)


def caption(*words, count=0):
    return Caption(
        "words",
        "rule",
        tuple(claim(one, count if one.startswith("count") else 0) for one in words),
    )
