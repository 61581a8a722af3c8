"""The house as a test: imports point down, the light stays light, a room is a real room."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "earmark"
FLOORS = [  # from the ground up; docs/architecture.md has the same picture
    {"types", "errors"},
    {"audio", "text", "synth", "scenes"},
    {"data", "model", "score"},
    {"library", "search"},
    {"lab", "scale"},
    {"cli", "web", "bench"},
]
NAMES = {"__init__", "__main__"}
FILES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "numpy",
    "onnxruntime",
    "av",
    "soundfile",
    "soxr",
    "rich",
    "tokenizers",
    "torch",
    "mutagen",
)


def floor(room):
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def room_of(file):
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported_by(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative imports hide which room is meant"
            names = [node.module or ""]
            if node.module == "earmark":
                names = [f"earmark.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.startswith("earmark.") and not name.startswith("earmark.__"):
                yield name.split(".")[1]


def modules_loaded_by(*words):
    code = f"import sys; sys.argv = {['earmark', *words]!r}\n"
    code += "try:\n    import earmark\n" + (
        "    from earmark.cli.main import main; main()\n" if words else "    pass\n"
    )
    code += "except SystemExit: pass\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_down(file):
    if room_of(file) in NAMES:
        return
    for room in rooms_imported_by(file):
        assert floor(room) <= floor(room_of(file)), f"{room} is upstairs"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_only_the_command_line_may_reach_into_the_lab(file):
    if room_of(file) not in {"lab", "cli"}:
        assert "lab" not in set(rooms_imported_by(file))


def test_no_room_stands_empty():
    for room in PACKAGE.iterdir():
        if room.is_dir() and room.name not in {"__pycache__", "bundles"}:  # bundles hold no code
            assert any(file.stat().st_size for file in room.glob("*.py")), room


def test_files_of_the_house_are_on_the_plan():
    assert {room_of(file) for file in FILES} - NAMES <= set.union(*FLOORS)


@pytest.mark.parametrize("words", [(), ("--help",), ("--version",), ("look", "--help")])
def test_starting_loads_nothing_heavy(words):
    loaded = modules_loaded_by(*words)

    assert "earmark" in loaded
    assert not loaded.intersection(HEAVY)
