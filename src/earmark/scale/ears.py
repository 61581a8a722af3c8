"""The network of a model in processes of its own on a cluster, and how many of them there are.

An *ear* is an actor that holds the network and hears windows, one batch after another. Each takes
most of a core and leaves the rest of it to a reader (`readers.py`), so that on a node of one core
both find room; one that should hear on a graphics card (`--device`) has a card to itself. An ear
that died is replaced as soon as somebody has met it dead.
"""

from __future__ import annotations

import platform
import socket
from importlib.metadata import version
from time import perf_counter

import ray
from ray.actor import ActorHandle

from earmark import __version__
from earmark.errors import EarmarkError
from earmark.model.device import CPU, Device
from earmark.model.model import Model
from earmark.model.pool import Heard
from earmark.model.stretches import Window

SHARE = 0.75  # of a core; a reader takes the rest
DECIDING = ("numpy", "onnxruntime", "av", "soundfile", "soxr")  # packages that decide about bits
PATIENCE = 180.0  # seconds in which the first ear must have opened; a cluster may have to grow


class Ear:
    """Holds the network of a model."""

    def __init__(self, model: Model) -> None:
        self._model = model
        model.open_ears()

    def facts(self) -> dict[str, str]:
        """Tell where it is, what it is made of, and on what it hears."""
        node, device = ray.get_runtime_context().get_node_id(), self._model.device.name
        return {"name": socket.gethostname(), "node": node, "device": device, **facts()}

    def hear(self, windows: list[Window]) -> list[Heard]:
        """Hear windows, on a processor each by itself."""
        return self._model.hear_windows(windows)


def facts() -> dict[str, str]:
    """Tell what decides about the bits of a vector, but for the model."""
    packages = {name: version(name) for name in DECIDING}
    return {"earmark": __version__, "machine": platform.machine(), **packages}


class Choir:
    """All ears of a run."""

    def __init__(self, model: Model, most: int | None) -> None:
        self._device, self._needs = model.wanted, needs_of(model.wanted)
        self._kind = ray.remote(Ear).options(
            **self._needs, max_restarts=0, scheduling_strategy="SPREAD"
        )
        self._model = ray.put(model)
        self._most = most
        self._opening = dict[ray.ObjectRef, ActorHandle]()  # reference to its facts -> ear
        self._open = dict[int, ActorHandle]()  # number -> ear
        self._nodes = dict[int, str]()  # number -> where it is
        self._opened = 0  # so far; gives the next number
        self._since = perf_counter()  # when there was one last, or a change in their number

    @property
    def open(self) -> dict[int, ActorHandle]:
        """Those that hear, by number."""
        return dict(self._open)

    @property
    def opening(self) -> list[ray.ObjectRef]:
        """References that tell of an ear which has opened."""
        return list(self._opening)

    def fill(self, cores: int, cards: int) -> None:
        """Have one for each core, or for each card."""
        room = cards if "num_gpus" in self._needs else cores
        if cores and not room:
            raise EarmarkError(
                f"no node of the cluster has a graphics card, and {self._device.name} needs one",
                hint="leave out --device, or add such a node",
            )
        wanted = room if self._most is None else min(room, self._most)
        for _ in range(wanted - len(self._open) - len(self._opening)):
            ear = self._kind.remote(self._model)
            self._opening[ear.facts.remote()] = ear
        if self._open:
            self._since = perf_counter()
        elif perf_counter() - self._since > PATIENCE:
            raise EarmarkError(
                f"no node of the cluster had room for a worker in {PATIENCE:.0f} s",
                hint="see what it does with: ray status; each worker needs one core",
            )

    def welcome(self, reference: ray.ObjectRef) -> None:
        """Take an ear that has opened, if it is made of what we are made of."""
        ear = self._opening.pop(reference)
        try:
            theirs = ray.get(reference)
        except ray.exceptions.RayError as error:
            refuse_bare_node(error)
            if getattr(error, "actor_init_failed", False):
                raise
            return  # its node has died meanwhile
        _refuse_other(theirs, self._device)
        self._open[self._opened], self._nodes[self._opened] = ear, theirs["node"]
        self._opened += 1

    def lose(self, numbers: set[int]) -> None:
        """Forget ears that were met dead."""
        for number in numbers:
            self._open.pop(number, None)

    def keep(self, nodes: frozenset[str]) -> None:
        """Forget the ears of nodes that are gone."""
        self.lose({number for number in self._open if self._nodes[number] not in nodes})

    def close(self) -> None:
        """End all of them."""
        for ear in [*self._open.values(), *self._opening.values()]:
            ray.kill(ear)


def refuse_bare_node(error: Exception) -> None:
    """Raise if a node has no earmark, or not what it needs."""
    text = str(error)
    if "No module named" in text:
        name = text.split("No module named", 1)[1].split()[0].strip("'\".,")
        raise EarmarkError(
            f"a node of the cluster has no package {name!r}",
            hint='install the same on every node: pip install "earmark[scale]"',
        ) from error


def needs_of(device: Device) -> dict[str, float]:
    """What an ear takes of its node."""
    return {"num_cpus": SHARE} | ({} if device == CPU else {"num_gpus": 1})


def _refuse_other(theirs: dict[str, str], device: Device) -> None:
    """Raise unless a node hears on what was asked for, and gives the vectors of this machine."""
    if theirs["device"] != device.name:
        raise EarmarkError(
            f"{theirs['name']} hears on its {theirs['device']}, not on {device.name}",
            hint="install onnxruntime-gpu there, in place of onnxruntime; see docs/models.md",
        )
    for name, ours in facts().items():
        if theirs.get(name) != ours:
            here, there = f"{name} {ours}", f"{name} {theirs.get(name)}"
            raise EarmarkError(
                f"{theirs['name']} has {there} and this machine {here}: vectors may differ",
                hint="install the same packages on every node and here; see docs/cluster.md",
            )
