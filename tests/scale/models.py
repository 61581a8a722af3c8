"""Tiny models that do to a worker what happens to workers; they travel to it as code.

Slow      hears a window in 0.1 s, so that there is a middle in which something can be killed
Deadly    ends the process that cuts a sound of nothing but halves, as a broken decoder would
Fatal     ends the process that hears one
"""

import os
import signal
import sys
import time

import numpy as np
import ray

from earmark.model.model import Model
from earmark.model.page import AUDIO
from model.tiny import PAGE, contents_of

HALF = np.float32(0.5)
CONTENTS = contents_of(PAGE)
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])


class Travelling(Model):
    """Stays what it is when it is sent to workers."""

    def __init__(self, contents=CONTENTS):
        super().__init__(PAGE, contents.__getitem__)

    def ears(self):
        return type(self)({AUDIO: CONTENTS[AUDIO]})


class Slow(Travelling):
    def hear_windows(self, windows):
        time.sleep(0.1 * len(windows))
        return super().hear_windows(windows)


class Deadly(Travelling):
    def windows(self, blocks):
        for window in super().windows(blocks):
            if is_poison(window):
                os.kill(os.getpid(), signal.SIGKILL)
            yield window


class Fatal(Travelling):
    def hear_windows(self, windows):
        if any(map(is_poison, windows)):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().hear_windows(windows)


def is_poison(window):
    return bool((window.wave[window.wave != 0] == HALF).all())
