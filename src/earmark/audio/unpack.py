"""The samples of FFmpeg's frames as arrays, one row a channel."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame

# From here on PyAV 18 runs past the end of its list of planes, and crashes the interpreter.
UNSAFE_PLANES = 8


class Unpacker:
    """Samples of frames, also of those whose planes PyAV cannot count."""

    def __init__(self) -> None:
        self._packer: av.AudioResampler | None = None
        self._packs: tuple[str, str] | None = None

    def channels(self, frame: AudioFrame) -> npt.NDArray[np.generic]:
        """Give the samples of one frame: -> [channels, samples]."""
        n = frame.layout.nb_channels
        if not frame.format.is_planar:
            return frame.to_ndarray().reshape(-1, n).T
        if n < UNSAFE_PLANES:
            return frame.to_ndarray()
        packed = [part.to_ndarray().reshape(-1, n).T for part in self._pack(frame)]
        return np.concatenate(packed, axis=1)

    def _pack(self, frame: AudioFrame) -> list[AudioFrame]:
        kind = (frame.format.name, frame.layout.name)
        if self._packer is None or kind != self._packs:
            self._packer, self._packs = av.AudioResampler(format=frame.format.packed), kind
        return self._packer.resample(frame)
