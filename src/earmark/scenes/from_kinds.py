"""A bank of synthetic sounds, so many takes of each kind; a take counts as a recording.

Kinds form a group when they share a name of AudioSet or a phrase, or stand together in `ALIKE`.
Phrases that speak of place or level are left out, since a scene decides both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import partial

from earmark.scenes.bank import Bank, Sound
from earmark.synth.kind import Kind
from earmark.synth.kinds import KINDS, make
from earmark.types import Samples

# Kinds that a general word ("a siren", "water running") or an ear could take for each other.
ALIKE: tuple[tuple[str, ...], ...] = (
    ("stream", "waterfall", "waves", "pouring", "white_noise"),
    ("dog_bark", "wolf_howl"),
    ("footsteps", "horse_trot"),
    ("whistle", "whistling", "flute"),
    ("church_bell", "bicycle_bell", "doorbell", "telephone"),
    ("alarm_clock", "smoke_alarm", "beep", "tone", "telephone", "dialling", "busy_tone"),
    ("keyboard", "mouse_click"),
    ("helicopter", "propeller_plane", "jet_plane"),
    ("car_horn", "train_horn", "ship_horn"),
    ("engine_idling", "motorcycle"),
    ("sawing", "chainsaw"),
    ("hammer", "drill", "jackhammer", "sewing_machine", "door_knock"),
    ("vacuum_cleaner", "hair_dryer", "mains_hum"),
    ("thunder", "explosion", "gunshot", "fireworks"),
)

_CLAIMS = re.compile(
    r"\b(distance|distant|far|close|near|overhead|loud|loudly|soft|softly|quietly|background)\b"
)


def bank_from_kinds(*, takes: int = 20, first: int = 0, kinds: Mapping[str, Kind] = KINDS) -> Bank:
    """Make a bank of so many takes of each kind; another first take, other sounds."""
    groups = groups_of(kinds)
    sounds = (
        Sound(
            name=f"{name}/{take}",
            label=name,
            phrases=tuple(phrase for phrase in kind.phrases if not _CLAIMS.search(phrase)),
            recording=f"{name}/{take}",
            load=partial(_take, name, take),
            texture=kind.texture,
            group=groups[name],
        )
        for name, kind in kinds.items()
        for take in range(first, first + takes)
    )
    return Bank(tuple(sounds))


def groups_of(kinds: Mapping[str, Kind]) -> dict[str, str]:
    """Name the group of every kind, after one of its kinds."""
    groups = {name: name for name in kinds}
    owner: dict[str, str] = {}
    for name, kind in kinds.items():
        for word in (*kind.audioset, *kind.phrases):
            _join(groups, (owner.setdefault(word, name), name))
    for alike in ALIKE:
        _join(groups, [name for name in alike if name in kinds])
    return groups


def _join(groups: dict[str, str], names: Iterable[str]) -> None:
    """Make one group of the groups of these kinds."""
    old = sorted({groups[name] for name in names})
    groups |= {name: old[0] for name, group in groups.items() if group in old}


def _take(kind: str, take: int, seconds: float | None, rate: int) -> Samples:
    return make(kind, take, seconds=seconds, rate=rate)
