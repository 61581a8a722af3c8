"""What every store must do; each engine's test file runs all of it."""

from pathlib import Path

import numpy as np
import pytest

from earmark.library.nouns import Found, Identity, Place, Said
from earmark.library.packed import pack, restore
from earmark.library.store.contract import Filter
from earmark.model.pool import TimeLine

WIDTH = 24
IDENTITY = Identity(model="tiny", digest="d" * 64, width=WIDTH, window=5.0, hop=2.5, token=0.5)
ROOT = Path("/sounds").absolute()


def unit(rng, n, width=WIDTH):
    vectors = rng.normal(size=(n, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def heard(seed, seconds=20.0):
    """A made-up time line, and what of it is stored."""
    rng = np.random.default_rng(seed)
    count = int(seconds / IDENTITY.token)
    starts = np.arange(count) * IDENTITY.token
    line = TimeLine(
        unit(rng, count),
        rng.uniform(0.5, 2, count).astype(np.float32),
        np.stack([starts, starts + IDENTITY.token], axis=1),
        np.array([[0.0, seconds]]),
        np.zeros((1, 0), np.float32),
        seconds,
    )
    return pack(line, IDENTITY.window, IDENTITY.hop)


def file(path, size=100, mtime=5_000_000_000, root=ROOT):
    return Found(Place(root, path), size, mtime)


def fill(store, seeds, **said):
    with store.writing("a test"):
        for seed in seeds:
            store.add(
                file(f"{seed}.wav"), f"digest-{seed}", heard(seed), 20.0, Said(tags=dict(said))
            )


def oracle(seeds, query):
    """Best moment of each by float16, as a plain loop."""
    out = []
    for seed in seeds:
        packed = heard(seed)
        scores = packed.halves.astype(np.float64) @ query
        at = int(scores.argmax())
        out.append((seed, float(scores[at]), tuple(packed.times[at])))
    return sorted(out, key=lambda one: -one[1])


def paths(recordings):
    return [recording.place.path for recording in recordings]


class StoreContract:
    """Subclasses give `store`, empty and open, and `again(store)`, the same one opened anew."""

    def test_a_new_store_is_empty(self, store):
        assert list(store.recordings()) == []
        assert store.roots() == []
        near = store.nearest(np.ones(WIDTH, np.float32), limit=5)
        assert len(near.sounds) == 0
        assert near.among == 0

    def test_what_was_added_is_told(self, store):
        with store.writing("a test"):
            said = Said(tags={"title": "Rain"}, ucs="RAINRoof")
            number = store.add(file("a/b.wav", 7, 8), "abc", heard(1), 20.0, said)
        (found,) = store.recordings()
        assert (found.id, found.place, found.size, found.mtime) == (
            number,
            Place(ROOT, "a/b.wav"),
            7,
            8,
        )
        assert (found.digest, found.seconds, found.reason) == ("abc", 20.0, "")
        assert found.tags == {"title": "Rain"}
        assert store.sound_of("abc") == found.sound
        assert store.sound_of("xyz") is None
        assert store.roots() == [ROOT]

    def test_nearest_is_the_plain_loop(self, store):
        fill(store, range(40))
        query = unit(np.random.default_rng(99), 1)[0]
        near = store.nearest(query, limit=10)
        wanted = oracle(range(40), query)[:10]
        names = {r.sound: int(r.digest.split("-")[1]) for r in store.recordings()}
        assert [names[s] for s in near.sounds] == [seed for seed, _, _ in wanted]
        assert near.scores == pytest.approx([score for _, score, _ in wanted], abs=1e-6)
        assert [tuple(t) for t in near.times] == [times for _, _, times in wanted]
        assert near.among == 40

    def test_without_a_limit_every_sound_is_ranked(self, store):
        fill(store, range(12))
        query = unit(np.random.default_rng(5), 1)[0]
        near = store.nearest(query, limit=None)
        assert near.scores == pytest.approx([s for _, s, _ in oracle(range(12), query)], abs=1e-6)

    def test_only_the_sounds_asked_for_are_ranked(self, store):
        fill(store, range(12))
        sounds = {int(r.digest.split("-")[1]): r.sound for r in store.recordings()}
        query = unit(np.random.default_rng(5), 1)[0]
        asked = np.array([sounds[3], sounds[8], sounds[11]])
        near = store.nearest(query, limit=2, among=asked)
        best = [seed for seed, _, _ in oracle([3, 8, 11], query)][:2]
        assert list(near.sounds) == [sounds[seed] for seed in best]
        assert near.among == 3
        assert len(store.nearest(query, limit=2, among=np.zeros(0, np.int64)).sounds) == 0

    def test_what_is_typical_is_the_median_and_the_spread_of_the_best(self, store):
        fill(store, range(30))
        query = unit(np.random.default_rng(7), 1)[0]
        best = [score for _, score, _ in oracle(range(30), query)]
        low, middle, high = np.quantile(best, (0.25, 0.5, 0.75))
        near = store.nearest(query, limit=1)
        assert near.typical == pytest.approx((middle, (high - low) / 1.349), abs=0.02)

    def test_ties_do_not_depend_on_the_order_of_adding(self, make_store):
        rankings = []
        for order in ((1, 2, 3), (3, 1, 2)):
            store = make_store()
            with store.writing("a test"):
                for n in order:
                    store.add(file(f"{n}.wav"), f"d{n}", heard(77), 20.0, Said())
            near = store.nearest(unit(np.random.default_rng(1), 1)[0], limit=2)
            digests = {r.sound: r.digest for r in store.recordings()}
            rankings.append([digests[s] for s in near.sounds])
        assert rankings == [["d1", "d2"]] * 2

    def test_moments_and_tokens_come_back(self, store):
        fill(store, [4, 5])
        packed = heard(5)
        sound = store.sound_of("digest-5")
        vectors, times = store.moments(sound)
        assert np.array_equal(vectors, packed.halves.astype(np.float32))
        assert np.array_equal(times, packed.times)
        tokens = store.tokens(sound)
        assert np.array_equal(tokens.tokens, restore(packed.tokens, packed.token_scales))
        assert np.array_equal(tokens.weights, packed.weights)
        part = store.tokens(sound, 2.0, 4.0)
        assert np.array_equal(part.times, packed.token_times[4:8])

    def test_a_copy_shares_the_sound(self, store):
        fill(store, [1])
        with store.writing("a test"):
            store.share(file("copy.wav"), "digest-1", Said())
        sound = store.sound_of("digest-1")
        assert paths(store.of_sounds([sound])) == ["1.wav", "copy.wav"]
        assert len(store.nearest(np.ones(WIDTH, np.float32), limit=5).sounds) == 1

    def test_the_sounds_of_recordings_are_told_once(self, store):
        fill(store, [1, 2])
        with store.writing("a test"):
            store.share(file("copy.wav"), "digest-1", Said())
            store.fail(file("bad.wav"), "zzz", "it is empty")
        ids = np.array([r.id for r in store.recordings()])
        both = sorted([store.sound_of("digest-1"), store.sound_of("digest-2")])
        assert list(store.sounds_of(ids)) == both

    def test_the_sound_stays_until_its_last_recording_goes(self, store):
        fill(store, [1, 2])
        with store.writing("a test"):
            copy = store.share(file("copy.wav"), "digest-1", Said())
            (first,) = [r.id for r in store.recordings() if r.place.path == "1.wav"]
            store.remove([first])
            assert store.sound_of("digest-1") is not None
            store.remove([copy])
        assert store.sound_of("digest-1") is None
        assert paths(store.recordings()) == ["2.wav"]
        assert len(store.nearest(np.ones(WIDTH, np.float32), limit=5).sounds) == 1

    def test_other_bytes_at_a_known_place_replace_what_was_there(self, store):
        fill(store, [1])
        with store.writing("a test"):
            store.add(file("1.wav", mtime=9), "other", heard(2), 20.0, Said())
        (found,) = store.recordings()
        assert (found.digest, found.mtime) == ("other", 9)
        assert store.sound_of("digest-1") is None

    def test_a_failed_file_is_kept_with_its_reason_and_never_found(self, store):
        with store.writing("a test"):
            store.fail(file("bad.wav"), "zzz", "it is empty")
        (found,) = store.recordings()
        assert (found.sound, found.reason, found.seconds) == (None, "it is empty", 0)
        assert store.status().failed == 1
        assert len(store.nearest(np.ones(WIDTH, np.float32), limit=5).sounds) == 0

    def test_a_file_that_fails_later_loses_its_sound(self, store):
        fill(store, [1])
        with store.writing("a test"):
            store.fail(file("1.wav", mtime=9), "zzz", "cut short")
        assert store.sound_of("digest-1") is None

    def test_a_moved_file_keeps_id_and_sound(self, store):
        fill(store, [1])
        (before,) = store.recordings()
        with store.writing("a test"):
            store.move(before.id, file("new/place.wav", mtime=6), Said(tags={"title": "New"}))
        (after,) = store.recordings()
        assert (after.id, after.sound) == (before.id, before.sound)
        assert (after.place.path, after.mtime, after.tags) == (
            "new/place.wav",
            6,
            {"title": "New"},
        )
        assert list(store.having("place")) == [after.id]
        assert list(store.having("1")) == []

    def test_a_file_may_move_to_a_root_that_is_new(self, store):
        fill(store, [1, 2])
        other = Path("/other").absolute()
        with store.writing("a test"):
            for one in list(store.recordings()):
                store.move(one.id, file(one.place.path, root=other))
        assert [(r.place.root, r.place.path) for r in store.recordings()] == [
            (other, "1.wav"),
            (other, "2.wav"),
        ]
        assert store.roots() == [other]

    def test_moving_onto_a_known_place_forgets_what_was_there(self, store):
        fill(store, [1, 2])
        one = next(r for r in store.recordings() if r.place.path == "1.wav")
        with store.writing("a test"):
            store.move(one.id, file("2.wav"))
        assert [(r.place.path, r.digest) for r in store.recordings()] == [("2.wav", "digest-1")]

    def test_relocating_changes_roots_alone(self, store):
        fill(store, [1, 2])
        with store.writing("a test"):
            assert store.relocate(ROOT, Path("/other").absolute()) == 2
        assert store.roots() == [Path("/other").absolute()]
        assert paths(store.recordings()) == ["1.wav", "2.wav"]

    def test_relocating_a_folder_above_moves_every_root_below(self, store):
        deep = ROOT / "deep" / "er"
        with store.writing("a test"):
            store.add(file("x.wav", root=deep), "x", heard(1), 20.0, Said())
            store.relocate(ROOT, Path("/other").absolute())
        assert store.roots() == [Path("/other/deep/er").absolute()]

    def test_relocating_a_part_of_a_root_moves_that_part(self, store):
        with store.writing("a test"):
            store.add(file("rain/x.wav"), "x", heard(1), 20.0, Said())
            store.add(file("rainy.wav"), "y", heard(2), 20.0, Said())
            assert store.relocate(ROOT / "rain", Path("/wet").absolute()) == 1
        assert [(r.place.root, r.place.path) for r in store.recordings()] == [
            (ROOT, "rainy.wav"),
            (Path("/wet").absolute(), "x.wav"),
        ]

    def test_relocating_onto_known_recordings_keeps_the_known_ones(self, store):
        other = Path("/other").absolute()
        fill(store, [1])
        with store.writing("a test"):
            store.add(file("1.wav", root=other), "there", heard(2), 20.0, Said())
            store.relocate(ROOT, other)
        assert [r.digest for r in store.recordings()] == ["there"]
        assert store.sound_of("digest-1") is None

    def test_compaction_changes_no_answer(self, store):
        fill(store, range(12))
        gone = [r.id for r in store.recordings() if r.digest.endswith(("1", "4"))]
        query = unit(np.random.default_rng(3), 1)[0]
        with store.writing("a test"):
            store.remove(gone)
        before = store.nearest(query, limit=None)
        tokens = store.tokens(store.sound_of("digest-7"))
        with store.writing("a test"):
            assert store.compact() > 0
        after = store.nearest(query, limit=None)
        assert np.array_equal(before.sounds, after.sounds)
        assert np.array_equal(before.scores, after.scores)
        assert np.array_equal(store.tokens(store.sound_of("digest-7")).tokens, tokens.tokens)
        assert store.status().dead == 0

    def test_after_compaction_more_can_be_added(self, store):
        fill(store, range(4))
        with store.writing("a test"):
            store.remove([next(store.recordings()).id])
            store.compact()
            store.add(file("late.wav"), "late", heard(50), 20.0, Said())
        fill(store, [60])
        packed = heard(60)
        assert np.array_equal(
            store.moments(store.sound_of("digest-60"))[0], packed.halves.astype(np.float32)
        )

    @pytest.mark.parametrize(
        ("word", "found"),
        [
            ("dog", ["Dogs barking.wav"]),  # endings do not matter
            ("BARKING", ["Dogs barking.wav"]),
            ("zuge", ["Zu\u0308ge.wav"]),  # nor accents
            ("roof", ["RAINRoof_x.wav"]),  # words written together
            ("tin", ["RAINRoof_x.wav"]),  # a tag
            ("cat", []),
            ('"; DROP', []),
        ],
    )
    def test_words_of_names_and_tags_are_found(self, store, word, found):
        with store.writing("a test"):
            for n, name in enumerate(["Dogs barking.wav", "Zu\u0308ge.wav"]):
                store.add(file(name), f"{n}", heard(n), 20.0, Said())
            said = Said(tags={"title": "Tin"}, ucs="RAINRoof")
            store.add(file("RAINRoof_x.wav"), "r", heard(9), 20.0, said)
        assert paths(store.recordings(store.having(word))) == found

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (Filter(), ["a/long.wav", "b/short.wav", "b/c/100%_x.wav"]),
            (Filter(folders=("b",)), ["b/short.wav", "b/c/100%_x.wav"]),
            (Filter(folders=("B/c",)), ["b/c/100%_x.wav"]),
            (Filter(folders=("a", "c")), ["a/long.wav", "b/c/100%_x.wav"]),
            (Filter(folders=(str(ROOT / "a"),)), ["a/long.wav"]),
            (Filter(folders=("long.wav",)), []),  # a file is no folder
            (Filter(folders=("%",)), []),
            (Filter(tags=("wet",)), ["a/long.wav"]),
            (Filter(tags=("wet", "dry")), []),
            (Filter(ucs=("AMB",)), ["b/short.wav"]),
            (Filter(ucs=("rainroof", "AMB")), ["a/long.wav", "b/short.wav"]),
            (Filter(longer=60.0), ["a/long.wav"]),
            (Filter(shorter=59.0), ["b/short.wav", "b/c/100%_x.wav"]),
            (Filter(newer=10.0), ["b/c/100%_x.wav"]),
            (Filter(folders=("b",), shorter=6.0), ["b/short.wav"]),
        ],
    )
    def test_filters_let_through_what_they_say(self, store, wanted, found):
        with store.writing("a test"):
            wet = Said(tags={"title": "Very Wet"}, ucs="RAINRoof")
            store.add(file("a/long.wav"), "1", heard(1), 90.0, wet)
            store.add(file("b/short.wav"), "2", heard(2), 5.0, Said(ucs="AMBForst"))
            late = file("b/c/100%_x.wav", mtime=11_000_000_000)
            store.add(late, "3", heard(3), 50.0, Said())
        names = {r.id: r.place.path for r in store.recordings()}
        assert [names[number] for number in store.where(wanted)] == found

    def test_names_that_are_no_text_survive(self, store):
        odd = "caf\udce9 \u0439.wav"
        with store.writing("a test"):
            number = store.add(file(odd), "1", heard(1), 20.0, Said(tags={"title": "\udcff"}))
        (found,) = store.recordings()
        assert found.place.path == odd
        assert list(store.having("caf")) in ([], [number])

    def test_the_place_of_a_file_is_told_by_the_longest_root(self, store):
        with store.writing("a test"):
            store.add(file("x.wav"), "1", heard(1), 20.0, Said())
            store.add(file("y.wav", root=ROOT / "in"), "2", heard(2), 20.0, Said())
        assert store.place_of(ROOT / "q" / "z.wav") == Place(ROOT, "q/z.wav")
        assert store.place_of(ROOT / "in" / "z.wav") == Place(ROOT / "in", "z.wav")
        assert store.place_of(Path("/elsewhere/z.wav").absolute()) is None

    def test_everything_is_there_when_it_is_opened_again(self, store, again):
        fill(store, range(5), title="Wet")
        query = unit(np.random.default_rng(3), 1)[0]
        before = store.nearest(query, limit=None)
        store = again(store)
        after = store.nearest(query, limit=None)
        assert store.identity == IDENTITY
        assert np.array_equal(before.scores, after.scores)
        assert len(store.having("wet")) == 5

    def test_status_counts(self, store):
        fill(store, range(3))
        with store.writing("a test"):
            store.share(file("copy.wav"), "digest-1", Said())
            status = store.status()
            assert "a test" in status.writer
        status = store.status()
        assert (status.recordings, status.sounds, status.failed) == (4, 3, 0)
        assert store.count() == 4
        assert status.seconds == 80.0
        assert (status.moments, status.tokens) == (3 * 7, 3 * 40)
        assert status.bytes > 0
        assert status.writer == ""

    def test_writing_without_the_right_to_is_a_mistake(self, store):
        with pytest.raises(RuntimeError):
            store.fail(file("x.wav"), "", "no")

    def test_a_change_that_fails_leaves_nothing(self, store):
        fill(store, [1])
        before = [(r.id, r.digest) for r in store.recordings()]
        with store.writing("a test"):
            with pytest.raises(Exception):  # noqa: B017, PT011
                store.add(file("x.wav"), None, heard(2), 20.0, Said())
            assert [(r.id, r.digest) for r in store.recordings()] == before
            store.add(file("y.wav"), "y", heard(3), 20.0, Said())
        assert len(store.nearest(np.ones(WIDTH, np.float32), limit=None).sounds) == 2
