"""Sirens of the emergency services."""

from __future__ import annotations

import numpy as np

from earmark.synth.kind import RATE, Kind
from earmark.synth.noise import wander
from earmark.synth.places import street
from earmark.synth.tones import buzz, falling
from earmark.types import Samples


def _between(rng: np.random.Generator, n: int, low: float, high: float, turns: Samples) -> Samples:
    """Sound a horn whose pitch moves between two, where turns goes 0..1: -> [n]."""
    pitch = low * (high / low) ** turns
    return buzz(rng, pitch, falling(24, 5)) * (1 + 0.15 * wander(rng, n, 0.7))


def police(rng: np.random.Generator, n: int) -> Samples:
    """Wail or yelp like a police car."""
    per_second = rng.choice([rng.uniform(0.18, 0.35), rng.uniform(2.5, 3.8)])
    share = np.mod(np.arange(n) * per_second / RATE + rng.random(), 1)
    rise = rng.uniform(0.35, 0.5)
    turns = np.where(share < rise, share / rise, (1 - share) / (1 - rise)).astype(np.float32)
    return street(rng, _between(rng, n, rng.uniform(550, 700), rng.uniform(1300, 1600), turns))


def ambulance(rng: np.random.Generator, n: int) -> Samples:
    """Sound two tones in turn like an ambulance."""
    share = np.mod(np.arange(n) * rng.uniform(0.7, 1.3) / RATE, 1)
    turns = np.clip((np.abs(share - 0.5) - 0.25) * 40 + 0.5, 0, 1).astype(np.float32)
    low = rng.uniform(430, 700)
    return street(rng, _between(rng, n, low, low * rng.uniform(1.25, 1.4), turns))


def fire_engine(rng: np.random.Generator, n: int) -> Samples:
    """Wail slowly and low like a fire engine or an air raid siren."""
    at = np.arange(n) / RATE * rng.uniform(0.12, 0.22) + rng.random()
    turns = (0.5 - 0.5 * np.cos(2 * np.pi * at)).astype(np.float32) ** np.float32(0.7)
    return street(rng, _between(rng, n, rng.uniform(250, 350), rng.uniform(800, 1100), turns))


KINDS = (
    Kind(
        name="police_siren",
        plain="police siren",
        family="sirens",
        make=police,
        seconds=(4, 10),
        phrases=(
            "a police siren wailing",
            "a police car sounding its siren",
            "a siren wailing in the street",
            "a police car wailing",
        ),
        audioset=("Police car (siren)", "Siren"),
    ),
    Kind(
        name="ambulance_siren",
        plain="ambulance siren",
        family="sirens",
        make=ambulance,
        seconds=(4, 10),
        phrases=(
            "an ambulance siren sounding",
            "an ambulance driving with its siren on",
            "a two-tone siren sounding",
            "a siren blaring",
        ),
        audioset=("Ambulance (siren)", "Siren"),
    ),
    Kind(
        name="fire_siren",
        plain="fire engine siren",
        family="sirens",
        make=fire_engine,
        seconds=(5, 12),
        phrases=(
            "a fire engine siren wailing",
            "an air raid siren rising and falling",
            "a fire truck sounding its siren",
            "a slow siren wailing",
        ),
        audioset=("Fire engine, fire truck (siren)", "Civil defense siren", "Siren"),
    ),
)
