"""Where the audio network runs: on the processor, or on a graphics card where there is one.

Reading words and reranking stay on the processor, where one query takes milliseconds. What a card
gives is near to what a processor gives, not the same bit for bit, so nothing is moved to one that
was not asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import onnxruntime as ort

from earmark.errors import UsageError

VARIABLE = "EARMARK_DEVICE"
AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One way to run a network."""

    name: str
    provider: str  # as onnxruntime calls it
    options: Mapping[str, str] = field(default_factory=dict)
    batch: int = 1  # windows that go through at once, always so many

    @property
    def is_there(self) -> bool:
        """Whether this onnxruntime was built for it; the card may still be missing."""
        return self.provider in ort.get_available_providers()

    def providers(self) -> list[tuple[str, dict[str, str]]]:
        """What a session is given."""
        return [(self.provider, dict(self.options))]


CPU = Device(name="cpu", provider="CPUExecutionProvider")
# Convolutions are chosen by rule, not by trying all of them out, which takes a minute and may end
# otherwise next time.
_CUDA = {"cudnn_conv_algo_search": "HEURISTIC", "use_tf32": "0"}
DEVICES = {
    one.name: one
    for one in (
        CPU,
        Device(name="cuda", provider="CUDAExecutionProvider", options=_CUDA, batch=32),
        # Products of rounded numbers, summed in float32: quicker on cards that know TF32.
        Device(
            name="cuda-mixed",
            provider="CUDAExecutionProvider",
            options=_CUDA | {"use_tf32": "1"},
            batch=32,
        ),
    )
}
NAMES = (*DEVICES, AUTO)


def device_called(name: str | None = None) -> Device:
    """Give the device of a name: what is asked for, or the environment says, or the processor."""
    wanted = name or os.environ.get(VARIABLE) or CPU.name
    if wanted == AUTO:
        return DEVICES["cuda"] if DEVICES["cuda"].is_there else CPU
    if wanted not in DEVICES:
        raise UsageError(f"no device called {wanted!r}", hint=f"choose from: {', '.join(NAMES)}")
    return DEVICES[wanted]


def why_not(device: Device) -> str:
    """Say in a line why a device was not used, and what helps."""
    if not device.is_there:
        return (
            f"no {device.name} here: onnxruntime {ort.__version__} was built without it; it hears "
            "on the processor. For a card, install onnxruntime-gpu in place of onnxruntime"
        )
    return (
        f"{device.name} did not start; it hears on the processor. "
        "See whether nvidia-smi shows the card, and the CUDA that onnxruntime-gpu wants is there"
    )
