"""Make the virtual environment of the Makefile and install earmark into it.

Works where Python comes without `ensurepip` (Debian's, for one): then the pip that runs this
Python installs into the new environment from outside.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> int:
    """Make or remove the environment; exit with pip's code."""
    args = arguments()
    if args.remove:
        shutil.rmtree(args.venv, ignore_errors=True)
        return 0
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything is installed
        print(
            f"this is Python {sys.version.split()[0]}, and earmark needs 3.11 or newer",
            file=sys.stderr,
        )
        print("name a newer one: make PYTHON=python3.12 ...", file=sys.stderr)
        return 2
    pip = pip_for(args.venv)
    what = f".[{args.extras}]" if args.extras else "."
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--editable", what]
    command += ["--constraint", args.constraints]
    if args.extra_index_url:
        command += ["--extra-index-url", args.extra_index_url]
    print(
        f"installing earmark{what[1:]} into {args.venv} (the first time takes a minute)",
        file=sys.stderr,
    )
    code = subprocess.run(command, check=False).returncode
    if code == 0 and args.stamp:
        args.stamp.touch()
    return code


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venv", type=Path, required=True)
    parser.add_argument("--constraints", default="constraints.txt")
    parser.add_argument("--extras", default="")
    parser.add_argument("--extra-index-url", default="")
    parser.add_argument("--stamp", type=Path)
    parser.add_argument("--remove", action="store_true")
    return parser.parse_args()


def pip_for(venv: Path) -> list[str]:
    """Give the words that run a pip for this environment, making the environment if need be."""
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        make = [sys.executable, "-m", "venv", str(venv)]
        if subprocess.run(make, check=False, capture_output=True).returncode:
            shutil.rmtree(venv, ignore_errors=True)
            subprocess.run([*make, "--without-pip"], check=True)
    inside = [str(python), "-m", "pip"]
    if subprocess.run([*inside, "--version"], check=False, capture_output=True).returncode == 0:
        return inside
    return [sys.executable, "-m", "pip", "--python", str(python)]


if __name__ == "__main__":
    sys.exit(main())
