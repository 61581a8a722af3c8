"""The page's tables are made of what a run kept, and no lead of a peer goes without its reason."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "tools"))

import peers_docs
from earmark.bench.figure import Figure

ABOUT = {
    "earmark": "1", "commit": "abc", "date": "2026-11-30", "python": "3", "system": "Linux",
    "processor": "a fast one", "cores": 2, "load": 1.5, "packages": {"faiss-cpu": "1.15"},
}  # fmt: skip


def figure(part, what, value, theirs, peer, **more):
    ratio = more.pop("ratio", value / theirs if theirs else None)
    return Figure(
        part=part, what=what, value=value, unit="ms", theirs=theirs, peer=peer, ratio=ratio, **more
    ).as_dict()


CLAP = figure(
    "clap", "clip, float32", 100, 250, "the pipeline", low=0.38, high=0.45, budget="half", met=True
)
BUILD = figure("vectors", "1,000 x 8, build", 4, 2, "faiss Flat")
WARM = figure("vectors", "1,000 x 8, warm query", 3, 2.9, "faiss Flat", low=0.9, high=1.2)
RECALL = figure("vectors", "1,000 x 8, recall@10", 100, 97.5, "faiss Flat", ratio=None)
LEFT = figure("vectors", "1,000 x 8, build", 4, None, "usearch i8", missing="no usearch: pip")


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A page with marks, and a run to fill it with."""
    monkeypatch.setattr(peers_docs, "PAGE", tmp_path / "bench.md")
    monkeypatch.setattr(peers_docs, "KEPT", tmp_path / "peers.json")
    marked = f"before\n\n{peers_docs.START}\nstale\n{peers_docs.END}\n\nafter\n"
    (tmp_path / "bench.md").write_text(marked, encoding="utf-8")

    def keep(*figures):
        told = json.dumps({"about": ABOUT, "figures": figures})
        (tmp_path / "peers.json").write_text(told, encoding="utf-8")
        return peers_docs.main(), (tmp_path / "bench.md").read_text(encoding="utf-8")

    return keep


def test_figures_become_tables_between_the_marks(kept):
    code, page = kept(CLAP, BUILD, WARM, RECALL, LEFT)

    assert code == 0
    assert page.startswith("before\n")
    assert page.endswith("after\n")
    assert "stale" not in page
    assert "Measured 2026-11-30 at abc" in page
    assert "Not in this run: folder, start, memory." in page
    assert (
        "| clip, float32 | 100 ms | 250 ms | the pipeline | 0.40 | 0.38 to 0.45 | half: met |"
        in page
    )
    assert "### The nearest of 1,000 x 8 vectors" in page
    assert "| engine | build, ms | warm query, ms | recall@10, ms |" in page
    assert "| earmark | 4 | 3 | 100 |" in page
    assert "| faiss Flat | 2 (2.00) | 2.90 (1.03) | 97.5 |" in page
    assert "| usearch i8 | no usearch: pip |  |  |" in page


def test_a_lead_is_told_with_its_reason_and_what_may_be_chance_is_none(kept):
    _, page = kept(CLAP, BUILD, WARM, RECALL, LEFT)

    leads = page.split("### Where a peer wins")[1]
    assert leads.count("\n- ") == 1
    assert "- faiss Flat, 1,000 x 8, build (2.00): a library is more than an index" in leads


def test_what_misses_its_budget_is_named(kept):
    missed = CLAP | {"met": False}

    assert "**What misses its budget:** clip, float32." in kept(missed)[1]
    assert "misses its budget" not in kept(CLAP)[1]


def test_where_no_peer_is_ahead_the_page_says_so(kept):
    assert "### Where a peer wins\n\nNowhere in this run." in kept(CLAP)[1]


def test_a_lead_without_a_reason_is_an_error_and_the_page_stays(kept, capsys):
    code, page = kept(figure("memory", "index", 300, 200, "librosa 1"))

    assert code == 1
    assert "stale" in page
    assert "memory: librosa 1, index (1.50)" in capsys.readouterr().err


def test_the_page_in_the_tree_is_what_the_tool_writes(tmp_path, monkeypatch):
    page = peers_docs.PAGE.read_text(encoding="utf-8")
    monkeypatch.setattr(peers_docs, "PAGE", tmp_path / "bench.md")
    (tmp_path / "bench.md").write_text(page, encoding="utf-8")

    assert peers_docs.main() == 0

    assert (tmp_path / "bench.md").read_text(encoding="utf-8") == page
