import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scenes.md").read_text(encoding="utf-8")


def test_the_page_is_as_generated():
    command = [sys.executable, str(ROOT / "tools" / "scene_docs.py"), "--check"]

    found = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (found.returncode, found.stderr) == (0, "")


def test_the_python_of_the_page_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0]
    small = code.replace("takes=20", "takes=2").replace("size=100", "size=2")

    exec(compile(small, "scenes.md", "exec"), {})

    assert capsys.readouterr().out.strip()
    assert len(list((tmp_path / "scenes" / "audio").iterdir())) == 2
