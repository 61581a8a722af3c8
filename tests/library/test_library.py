"""The facade: what a person does with a library in Python."""

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

import earmark
from earmark.audio.write import write
from earmark.errors import AudioError, EarmarkError, UsageError
from earmark.library import home, pipeline
from earmark.library.library import Library
from earmark.library.store.contract import ForgottenError
from earmark.library.store.lock import HeldError
from earmark.library.which import load_model
from earmark.synth import make
from model.tiny import EARS, WAVES, write_tiny

RATE = 8_000
KINDS = ("dog_bark", "rooster", "piano", "roof_rain", "tone")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny(folder)
    return folder


@pytest.fixture
def sounds(tmp_path):
    folder = tmp_path / "sounds"
    for number, kind in enumerate(KINDS):
        path = folder / f"{'in/' * (number % 2)}{kind}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, make(kind, number, seconds=6.0 + number, rate=RATE), RATE)
    return folder


@pytest.fixture
def library(tmp_path, tiny):
    with Library.create(tmp_path / "library", model=tiny) as made:
        yield made


def everything(library, words="a dog", **options):
    options = {"limit": 99, "unsure": True, "duplicates": True} | options
    return library.search(words, **options)


def names(hits):
    return sorted(Path(hit.path).name for hit in hits)


def test_the_public_names_are_these():
    assert earmark.Library is Library
    assert earmark.Hit.__name__ == "Hit"


def test_what_is_indexed_is_found(library, sounds):
    report = library.index([sounds])

    assert (report.indexed, report.failed, report.skipped) == (5, 0, 0)
    assert report.seconds == pytest.approx(sum(6.0 + n for n in range(5)), abs=0.01)
    hits = everything(library)
    assert names(hits) == sorted(f"{kind}.wav" for kind in KINDS)
    for hit in hits:
        assert 0 <= hit.start < hit.end <= hit.duration + 0.01
        assert 0 <= hit.confidence <= 1
        assert Path(hit.path).is_absolute()


def test_the_second_run_hears_nothing(library, sounds):
    library.index([sounds])
    report = library.index([sounds])

    assert (report.indexed, report.skipped, report.seconds) == (0, 5, 0.0)


def test_a_bad_file_is_counted_told_and_not_tried_again(library, sounds):
    (sounds / "bad.wav").write_bytes(b"this is no sound at all")
    first, second = library.index([sounds]), library.index([sounds])

    assert (first.indexed, first.failed) == (5, 1)
    assert (second.failed, second.skipped) == (0, 6)
    (bad,) = library.failed()
    assert bad.place.path == "bad.wav"
    assert "not sound" in bad.reason
    write(sounds / "bad.wav", make("owl", 1, seconds=3.0, rate=RATE), RATE, overwrite=True)
    assert library.index([sounds]).indexed == 1
    assert library.failed() == []


def test_a_folder_that_is_not_there_is_a_slip_and_changes_nothing(library, tmp_path):
    with pytest.raises(UsageError, match="is not there"):
        library.index([tmp_path / "none"])


def test_a_drive_that_is_unplugged_costs_nothing(library, sounds):
    library.index([sounds])
    sounds.rename(sounds.with_name("away"))
    report = library.index([sounds])
    assert (report.away, report.removed) == (5, 0)
    assert all(hit.away for hit in everything(library))

    sounds.mkdir()  # an empty mount point
    assert library.index([sounds]).away == 5
    sounds.rmdir()
    sounds.with_name("away").rename(sounds)
    assert library.index([sounds]).skipped == 5
    assert not any(hit.away for hit in everything(library))


def test_only_pruning_forgets_what_is_away(library, sounds):
    library.index([sounds])
    shutil.rmtree(sounds)
    assert library.index([sounds]).away == 5
    assert library.index([sounds], prune=True).removed == 5
    assert everything(library) == []


def test_a_dry_run_tells_and_changes_nothing(library, sounds):
    report = library.index([sounds], dry_run=True)

    assert report.indexed == 5
    assert library.status().recordings == 0


def test_forgetting_a_folder_touches_no_file(library, sounds):
    library.index([sounds])
    before = {path: path.read_bytes() for path in sounds.rglob("*.wav")}

    assert len(library.under(sounds / "in")) == 2
    assert library.forget(sounds / "in") == 2
    assert names(everything(library)) == ["dog_bark.wav", "piano.wav", "tone.wav"]
    assert {path: path.read_bytes() for path in sounds.rglob("*.wav")} == before
    with pytest.raises(UsageError, match="knows nothing"):
        library.forget(sounds / "in")


def test_a_moved_drive_is_one_relocation(library, sounds):
    library.index([sounds])
    new = sounds.with_name("moved")
    sounds.rename(new)

    assert library.relocate(sounds, new) == 5
    hits = everything(library)
    assert all(Path(hit.path).is_file() and not hit.away for hit in hits)
    assert library.index([new]).skipped == 5
    with pytest.raises(UsageError, match="not a folder"):
        library.relocate(new, sounds.with_name("nowhere"))
    with pytest.raises(UsageError, match="knows nothing"):
        library.relocate(sounds.with_name("other"), new)


def test_what_sounds_alike_leaves_the_example_out(library, sounds):
    library.index([sounds])
    hits = library.similar(sounds / "piano.wav", limit=9, unsure=True)

    assert "piano.wav" not in names(hits)
    assert len(hits) == 4
    part = library.similar(sounds / "piano.wav", 1.0, 3.0, limit=9, unsure=True)
    assert len(part) == 4
    with pytest.raises(AudioError, match="no such file"):
        library.similar(sounds / "none.wav")
    with pytest.raises(UsageError, match="from 3 to 1"):
        library.similar(sounds / "piano.wav", 3.0, 1.0)


def test_an_example_from_elsewhere_gives_what_its_copy_in_the_library_gives(
    library, sounds, tmp_path
):
    library.index([sounds])
    copy = tmp_path / "copy.wav"
    shutil.copyfile(sounds / "piano.wav", copy)
    inside = library.similar(sounds / "piano.wav", limit=9, unsure=True)
    outside = library.similar(copy, limit=9, unsure=True)

    scores = {hit.path: hit.score for hit in outside}
    for hit in inside:
        assert scores[hit.path] == pytest.approx(hit.score, abs=2e-3)


def test_moments_of_a_file_need_no_place_in_the_library(library, sounds):
    hits = library.moments(sounds / "piano.wav", "a piano", limit=5)

    assert hits
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(0 <= hit.start < hit.end <= hit.duration + 0.01 for hit in hits)


def test_a_hit_explains_itself(library, sounds):
    library.index([sounds])

    assert "spreads above" in library.explain(everything(library)[0])[0]
    with pytest.raises(UsageError, match="does not know"):
        library.explain(
            earmark.Hit(
                rank=1, path="x", start=0, end=1, score=0, confidence=0, duration=1, tags={}
            )
        )


def test_bad_limits_and_empty_queries_are_errors(library):
    for words, limit in (("", 10), ("   ", 10), ("a dog", 0)):
        with pytest.raises(UsageError):
            library.search(words, limit)


def test_a_library_that_is_not_there_is_an_error(tmp_path, monkeypatch):
    with pytest.raises(EarmarkError, match="no library"):
        Library.open(tmp_path / "none")
    monkeypatch.setenv(home.VARIABLE, str(tmp_path / "by variable"))
    with pytest.raises(EarmarkError, match="by variable"):
        Library.open()


def test_the_library_remembers_its_model(library, sounds, tiny):
    library.index([sounds])
    library.close()
    with Library.open(library.store.folder) as again:
        assert again.model.name == "tiny"
        assert len(everything(again)) == 5


def test_another_model_is_refused_with_both_names(library, tmp_path, sounds):
    write_tiny(tmp_path / "other", WAVES)
    with Library.open(library.store.folder, model=tmp_path / "other") as opened:
        for attempt in (lambda: opened.search("a dog"), lambda: opened.index([sounds])):
            with pytest.raises(EarmarkError, match=r"'tiny'.*'tiny-waves'") as caught:
                attempt()
            assert "--model" in caught.value.hint


def test_a_model_that_only_hears_makes_no_library(tmp_path):
    write_tiny(tmp_path / "ears", EARS)
    with pytest.raises(UsageError, match="only hears"):
        Library.create(tmp_path / "new", model=tmp_path / "ears")
    assert not (tmp_path / "new").exists()


def test_a_loaded_model_is_taken_as_it_is(tiny):
    model = load_model(tiny)
    assert load_model(model) is model


def test_two_index_runs_at_once_tell_who_is_first(library, sounds):
    other = Library.open(library.store.folder)
    with library.store.writing("earmark index"), pytest.raises(HeldError, match="earmark index"):
        other.index([sounds])
    other.close()


def test_searches_from_many_threads_give_what_one_gives(library, sounds):
    library.index([sounds])
    wanted = everything(library)
    found, failed = [], []

    def work():
        try:
            found.extend(everything(library) for _ in range(5))
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert len(found) == 20
    assert all(hits == wanted for hits in found)


def test_without_tokens_the_same_recordings_are_found_with_moments_in_them(
    library, sounds, tmp_path, tiny
):
    library.index([sounds])
    with Library.create(tmp_path / "lean", model=tiny, keeps_tokens=False) as lean:
        lean.index([sounds])
        assert lean.status().tokens == 0
        full, found = everything(library), everything(lean)
        assert [hit.path for hit in found] == [hit.path for hit in full]
        assert [hit.score for hit in found] == [hit.score for hit in full]
        assert all(0 <= hit.start < hit.end <= hit.duration + 0.01 for hit in found)


def contents(library):
    """All that was heard, by the names of files."""
    out = {}
    for recording in library.store.recordings():
        vectors, times = library.store.moments(recording.sound)
        tokens = library.store.tokens(recording.sound)
        parts = (vectors, times, tokens.tokens, tokens.weights, tokens.times)
        out[recording.place.path] = [np.ascontiguousarray(part).tobytes() for part in parts]
    return out


def test_order_jobs_and_block_sizes_change_no_byte_and_no_ranking(
    sounds, tmp_path, tiny, monkeypatch
):
    heard, rankings = [], []
    for number, (jobs, block) in enumerate([(1, 65_536), (3, 1_000), (2, 7_777)]):
        monkeypatch.setattr(pipeline.hear, "BLOCK", block)
        with Library.create(tmp_path / f"library-{number}", model=tiny) as library:
            files = sorted(sounds.rglob("*.wav"), reverse=bool(number % 2))
            for path in files if number else [sounds]:
                library.index([path], jobs=jobs)
            heard.append(contents_by_name(library))
            rankings.append([(hit.path, hit.score, hit.start) for hit in everything(library)])

    assert heard[0] == heard[1] == heard[2]
    assert rankings[0] == rankings[1] == rankings[2]


def contents_by_name(library):
    return {Path(path).name: data for path, data in contents(library).items()}


def test_nothing_is_made_in_the_folder_and_no_file_is_touched(library, sounds):
    def look():
        return {
            path: (path.stat().st_mtime_ns, path.stat().st_size, os.access(path, os.R_OK))
            for path in sounds.rglob("*")
        }

    before = look()
    library.index([sounds])
    everything(library)
    library.similar(sounds / "piano.wav", unsure=True)
    assert look() == before


def test_a_search_begins_anew_if_what_it_found_is_removed_meanwhile(library, sounds, monkeypatch):
    library.index([sounds])
    read, left = library.store.tokens, ["in/rooster.wav"]

    def tokens(*args):
        while left:
            library.forget(sounds / left.pop())
        return read(*args)

    monkeypatch.setattr(library.store, "tokens", tokens)
    hits = everything(library, "a rooster", keywords=False)

    assert len(hits) == len(KINDS) - 1
    assert "rooster.wav" not in names(hits)


def test_a_library_that_changes_all_the_time_is_told_of(library, sounds, monkeypatch):
    library.index([sounds])

    def tokens(*_):
        raise ForgottenError(1)

    monkeypatch.setattr(library.store, "tokens", tokens)
    with pytest.raises(EarmarkError, match="changes faster"):
        everything(library)
