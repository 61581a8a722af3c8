"""Make the sound of a scene from its truth: the same samples each time, in any order of scenes.

The bed (a texture of the bank, or faint noise) has the scene's level. Each event is set to its
exact SNR: its power where it sounds over the bed's power everywhere, as in `audio.mix`, so that an
event in a gap of the bed is not lost. One gain for the whole scene keeps the peak at 0.9, which
changes no SNR. A distant event has lost its highs and stands in a room; that
it is also softer stands in its SNR. Memory is that of the scene and of its longest event.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from earmark.audio.mix import active, power
from earmark.errors import DataError
from earmark.scenes.bank import RATE, Bank
from earmark.scenes.cuts import GAP
from earmark.scenes.truth import Event, Scene
from earmark.types import Samples

PEAK = 0.9
_FADE = 0.005  # s at both ends of a cut
_DULL = 1500.0  # Hz at which a distant sound has lost 6 dB
_ROOM = 0.6  # s until its room has decayed by 60 dB
_WET = 0.5  # power of the room against that of the sound


def render(scene: Scene, bank: Bank, rate: int = RATE) -> Samples:
    """Compose the sound of a scene: -> [seconds * rate]."""
    out = bed(scene, bank, rate)
    for event in scene.events:
        start, end = round(event.start * rate), round(event.end * rate)
        level_db = scene.level_db + event.snr_db
        out[start:end] += event_wave(event, bank, end - start, rate, level_db=level_db)
    peak = max(float(out.max()), -float(out.min()))
    if peak > PEAK:
        out *= np.float32(PEAK / peak)
    return out


def bed(scene: Scene, bank: Bank, rate: int = RATE) -> Samples:
    """Make what lies under the events, at its level: -> [seconds * rate]."""
    length = round(scene.seconds * rate)
    if scene.background is None:
        wave = np.random.default_rng(scene.seed).standard_normal(length, dtype=np.float32)
    else:
        wave = bank.by_name[scene.background.sound].load(scene.seconds, rate)
    level = power(wave)
    if len(wave) != length or not level:
        raise DataError(
            f"a background of {scene.seconds} s has {len(wave)} samples, its power is {level}",
            hint="call only steady sounds textures, and leave silent ones out of the bank",
        )
    return wave * np.float32(10 ** (scene.level_db / 20) / np.sqrt(level))


def event_wave(
    event: Event, bank: Bank, length: int, rate: int = RATE, *, level_db: float
) -> Samples:
    """Make the sound of an event with this RMS level where it sounds: -> [length]."""
    wave = _repeated(event, bank, length, rate)
    if event.distant:
        wave = _from_afar(wave, rate)
    loud = power(wave[active(wave, rate)])
    if not loud:
        raise DataError(f"{event.sound} is silent", hint="leave it out of the bank")
    return wave * np.float32(10 ** (level_db / 20) / np.sqrt(loud))


def _repeated(event: Event, bank: Bank, length: int, rate: int) -> Samples:
    """The cut of the sound, as often as it repeats: -> [length]."""
    sound, (start, end) = bank.by_name[event.sound], event.cut
    whole = sound.load(None, rate)
    part = faded(whole[round(start * rate) : round(end * rate)], rate)
    out = np.zeros(length, dtype=np.float32)
    for turn in range(event.repeats):
        at = round(turn * (end - start + GAP) * rate)
        piece = part[: length - at]
        out[at : at + len(piece)] = piece
    return out


def faded(wave: Samples, rate: int) -> Samples:
    """Fade both ends in and out: [S] -> [S]."""
    length = min(round(_FADE * rate), len(wave) // 2)
    ramp = (np.arange(length, dtype=np.float32) + np.float32(0.5)) / np.float32(max(length, 1))
    out = wave.copy()
    out[:length] *= ramp
    out[len(out) - length :] *= ramp[::-1]
    return out


def _from_afar(wave: Samples, rate: int) -> Samples:
    """Take the highs and add a room; what rings past the end is cut: [S] -> [S]."""
    room = _room(rate)
    size = 1 << (len(wave) + len(room) - 1).bit_length()
    hertz = np.fft.rfftfreq(size, 1 / rate)
    dull = 1 / (1 + (hertz / _DULL) ** 2)
    spectrum = np.fft.rfft(wave, size) * np.fft.rfft(room, size) * dull
    return faded(np.fft.irfft(spectrum, size)[: len(wave)].astype(np.float32), rate)


@cache
def _room(rate: int) -> Samples:
    """The sound itself, then decaying noise, the same room for all scenes."""
    time = np.arange(round(_ROOM * rate)) / rate
    noise = np.random.default_rng(0).standard_normal(len(time)) * 10 ** (-3 * time / _ROOM)
    noise[: round(0.01 * rate)] = 0
    noise *= np.sqrt(_WET / np.sum(np.square(noise)))
    noise[0] = 1
    return noise.astype(np.float32)
