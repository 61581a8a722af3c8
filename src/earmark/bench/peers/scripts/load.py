"""A whole file as one wave at 48 kHz: load.py FILE librosa|soundfile."""

import sys

import numpy as np
import numpy.typing as npt

Wave = npt.NDArray[np.float32]
RATE = 48_000


def with_librosa(path: str) -> Wave:
    """As most notebooks do."""
    import librosa

    wave: Wave = librosa.load(path, sr=RATE)[0]
    return wave


def with_soundfile(path: str) -> Wave:
    """What librosa does with files that libsndfile reads, without its other imports."""
    import soundfile
    import soxr

    wave, rate = soundfile.read(path, dtype="float32", always_2d=True)
    mono: Wave = soxr.resample(wave.mean(axis=1), rate, RATE)
    return mono


loaders = {"librosa": with_librosa, "soundfile": with_soundfile}

if __name__ == "__main__":
    loaders[sys.argv[2]](sys.argv[1])
