"""A bank a person can check: every event is a tone between two silences, every texture is noise."""

from functools import partial

import numpy as np

from earmark.scenes.bank import Bank, Sound

ANIMALS = (
    *("dog", "cat", "cow", "pig", "owl", "hen", "fox", "bat", "frog", "crow"),
    *("goat", "duck", "lamb", "wolf", "seal", "mule", "swan", "toad", "wren", "lark"),
    *("hawk", "kite", "rook", "dove", "gull", "bull"),
)
TEXTURES = ("light_rain", "heavy_rain", "wind", "surf", "fan", "fire", "hum", "hiss", "brook")
BEFORE, SOUND, AFTER = 0.2, 1.5, 0.3  # seconds


def tone(pitch, seconds, rate):
    time = np.arange(round(SOUND * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * pitch * time)
    whole = np.pad(wave, (round(BEFORE * rate), round(AFTER * rate))).astype(np.float32)
    return whole if seconds is None else whole[: round(seconds * rate)]


def noise(seed, seconds, rate):
    rng = np.random.default_rng(seed)
    wave = rng.standard_normal(round((8.0 if seconds is None else seconds) * rate))
    return (0.1 * wave).astype(np.float32)


def phrases(name, verb):
    return tuple(f"{article} {name} {verb}" for article in ("a", "some", "one"))


def fake_bank(takes=3):
    events = [
        Sound(
            name=f"{name}/{take}",
            label=name,
            phrases=phrases(name, "calling"),
            recording=f"{name} {take}",
            load=partial(tone, 200 + 50 * place + 7 * take),
        )
        for place, name in enumerate(ANIMALS)
        for take in range(takes)
    ]
    textures = [
        Sound(
            name=f"{name}/{take}",
            label=name,
            phrases=phrases(name, "going on"),
            recording=f"{name} {take}",
            load=partial(noise, place + 100 * take),
            texture=True,
            group="rain" if "rain" in name else "",
        )
        for place, name in enumerate(TEXTURES)
        for take in range(takes)
    ]
    return Bank((*events, *textures))
