"""How much a caller may ask for; docs/security.md lists these numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one request, and of all that are under way."""

    query: int = 1_000  # letters
    page: int = 100  # hits or rows at once
    deep: int = 1_000  # hits that can be paged through
    body: int = 64_000  # bytes of a request that is no upload
    upload: int = 100_000_000  # bytes
    sound: float = 600.0  # seconds of an example that are heard
    channels: int = 64  # of an uploaded file
    rate: int = 400_000  # Hz, of an uploaded file
    cut: float = 3_600.0  # seconds of a stretch that is made as a whole file
    film: float = 600.0  # seconds of a stretch of a film ...
    stretch: int = 2_000_000_000  # ... and its bytes
    points: int = 4_000  # of a waveform or a curve
    wide: int = 2_000  # pixels of a spectrogram, or of a frame's width ...
    high: int = 512
    seconds: float = 30.0  # of time for an answer
    decoding: float = 120.0  # of time for what must read a file
    stall: float = 30.0  # seconds that a caller may take to send or take the next piece
    waiting: int = 64  # requests that wait for their turn
    streams: int = 32  # sounds that are converted while they are sent
    jobs: int = 20  # index runs that are remembered
