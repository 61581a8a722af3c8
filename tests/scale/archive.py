"""Sounds to hear on a cluster, and what a single machine makes of them."""

from earmark.audio.write import write
from earmark.library.library import Library
from earmark.synth import make

RATE = 8_000
KINDS = (
    "dog_bark", "rooster", "piano", "roof_rain", "wind", "police_siren",
    "tone", "light_rain", "bee", "owl", "sneeze", "drill",
)  # fmt: skip


def fill(folder):
    """Write a dozen sounds of 5 to 27 seconds, in folders."""
    for number, kind in enumerate(KINDS):
        path = folder / f"{'in/' * (number % 2)}{kind}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, make(kind, number, seconds=5.0 + 2 * number, rate=RATE), RATE)
    return folder


def packed(library, path):
    """All that a library holds, as one file; the same bytes are the same library."""
    library.pack(path)
    return path.read_bytes()


def alone(folder, sounds, model, crew=None):
    """The bytes of a library that this machine alone, or a crew, makes."""
    with Library.create(folder, model=model) as library:
        report = library.index([sounds], crew=crew)
        return report, packed(library, folder.with_suffix(".earmark"))
