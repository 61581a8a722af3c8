"""The table of hits, byte for byte, for hits made by hand."""

from pathlib import Path

from earmark.cli.hits import moments_of_one, table
from earmark.types import Hit


def hit(rank, path, confidence, start=0.0, end=5.0, **more):
    return Hit(
        rank=rank, path=path, start=start, end=end, score=0.4, confidence=confidence,
        **({"duration": 24.0} | more),
    )  # fmt: skip


DRIVE = [Path("/drive")]
HITS = [
    hit(1, "/drive/street/rain.wav", 0.934, 10.0, 15.04),
    hit(2, "/drive/old/roof.flac", 0.7, 3599.94, 3600.06, duration=10800.0, away=True),
    hit(10, "/drive/old/a\nb.mp3", 0.399, 2.4, 6.0, duration=12.0, copies=("/x/1", "/x/2")),
]


def test_hits_stand_in_aligned_columns():
    assert list(table(HITS, roots=DRIVE)) == [
        " #  confidence     moment                length  recording",
        " 1  0.93 sure      0:10.0 - 0:15.0         0:24  street/rain.wav",
        " 2  0.70 likely    59:59.9 - 1:00:00.1  3:00:00  old/roof.flac (away)",
        "10  0.40 doubtful  0:02.4 - 0:06.0         0:12  old/a?b.mp3 (+2 copies)",
        "in /drive",
    ]


def test_nothing_but_a_very_long_name_is_wider_than_the_terminal():
    long = hit(1, f"/drive/{'a folder/' * 12}rain on a roof.wav", 0.5, away=True, copies=("/x",))

    for width in (120, 80):
        lines = list(table([*HITS, long], roots=DRIVE, width=width))
        assert max(map(len, lines)) <= width, width
        assert lines[1].endswith("street/rain.wav")
    assert lines[-2].endswith(".wav (away, +1 copy)")

    narrow = list(table([*HITS, long], roots=DRIVE, width=20))
    assert narrow[-2].endswith("  a fo… roof.wav (away, +1 copy)")  # 14 cells at least


def test_into_a_pipe_no_path_is_cut():
    long = f"{'a folder/' * 40}rain.wav"

    assert list(table([hit(1, f"/drive/{long}", 0.5)], roots=DRIVE))[1].endswith(f"  {long}")


def test_paths_are_told_from_the_folder_that_is_worked_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hits = [hit(1, str(tmp_path / "a" / "b.wav"), 0.5), hit(2, str(tmp_path / "c.wav"), 0.4)]

    lines = list(table(hits, roots=[tmp_path / "a"]))

    assert [line.split("  ")[-1] for line in lines] == ["recording", str(Path("a/b.wav")), "c.wav"]


def test_paths_in_several_folders_are_told_in_full():
    hits = [hit(1, "/drive/b.wav", 0.5), hit(2, "/other/b.wav", 0.4)]

    lines = list(table(hits, roots=[*DRIVE, Path("/other")]))

    assert [line.split("  ")[-1] for line in lines] == ["recording", "/drive/b.wav", "/other/b.wav"]


def test_reasons_stand_below_their_hit_and_fit_the_terminal():
    def explain(hit):
        return [f"its best moment scores {hit.score:.3f}", "place 1 by score alone, as it stands"]

    assert list(table(HITS[:1], roots=DRIVE, explain=explain, width=30))[1:] == [
        "1  0.93 sure   0:10.0 - 0:15.0    0:24  stre…/rain.wav",
        "   - its best moment scores",
        "     0.400",
        "   - place 1 by score alone,",
        "     as it stands",
        "in /drive",
    ]


def test_moments_of_one_file_need_no_path():
    hits = [hit(1, "/a.wav", 1.0, 62.0, 63.0), hit(2, "/a.wav", 0.0)]

    assert list(moments_of_one(hits, explain=lambda hit: [f"reason {hit.rank}"])) == [
        "#  confidence     moment",
        "1  1.00 sure      1:02.0 - 1:03.0",
        "   - reason 1",
        "2  0.00 doubtful  0:00.0 - 0:05.0",
        "   - reason 2",
    ]
