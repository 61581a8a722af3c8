"""The audit on files made by code: what must be found, from both sides, and what must not."""

import numpy as np
import pytest

from data.wavs import RATE, noise, write_wav
from earmark.data import Row
from earmark.data.audit import SharedCaption, audit
from earmark.data.likely import likely_pairs
from earmark.data.meet import meetings
from earmark.data.spool import Spool
from earmark.data.trial import trial

LONG, OTHER, BRIEF = noise(6, 1), noise(5, 2), noise(0.4, 3)


def _row(path, wave, *captions, **more):
    return Row(write_wav(path, wave, rate=more.pop("rate", RATE)), captions, **more)


def _found(findings):
    return [
        (shared.a.audio.name, shared.b.audio.name, shared.why) for shared in findings.recordings
    ]


def _at_twice_the_rate(wave):
    spectrum = np.fft.rfft(wave)
    return np.fft.irfft(np.pad(spectrum, (0, len(spectrum) - 1)), 2 * len(wave)).astype("f4") * 2


@pytest.fixture
def two_sets(tmp_path):
    a = [
        _row(tmp_path / "a" / "long.wav", LONG),
        _row(tmp_path / "a" / "other.wav", OTHER),
        _row(tmp_path / "a" / "brief.wav", BRIEF),
        _row(tmp_path / "a" / "alone.wav", noise(4, 4)),
    ]
    later = np.concatenate([noise(1, 5), BRIEF, noise(1, 6)])
    b = [
        _row(
            tmp_path / "b" / "cut.wav", _at_twice_the_rate(0.3 * LONG[17_333:27_777]), rate=16_000
        ),
        _row(tmp_path / "b" / "copy.wav", OTHER),
        _row(tmp_path / "b" / "inside.wav", 0.5 * later),
        _row(tmp_path / "b" / "strange.wav", noise(7, 7)),
    ]
    return a, b


FOUND = [
    ("long.wav", "cut.wav", ("sound",)),
    ("other.wav", "copy.wav", ("bytes", "sound")),
    ("brief.wav", "inside.wav", ("sound",)),
]


def test_copies_and_cuts_are_found_and_nothing_else(two_sets):
    findings = audit(*two_sets)

    assert _found(findings) == FOUND
    assert findings.unheard == ()


def test_the_order_of_the_two_sets_does_not_matter(two_sets):
    a, b = two_sets

    turned = {(y, x, why) for x, y, why in _found(audit(b, a))}

    assert turned == set(FOUND)


def test_it_is_told_where_the_two_meet(two_sets):
    cut, _, inside = audit(*two_sets).recordings

    assert cut.at_a - cut.at_b == pytest.approx(17_333 / RATE, abs=0.03)
    assert inside.at_b - inside.at_a == pytest.approx(1.0, abs=0.03)
    assert cut.plain > 0.98
    assert inside.seconds == pytest.approx(0.4, abs=0.03)


@pytest.mark.parametrize("more", [1, 9], ids=["in the larger side", "in the smaller side"])
def test_a_brief_sound_is_found_inside_a_long_one_from_both_sides(more, tmp_path):
    a = [_row(tmp_path / "brief.wav", BRIEF), _row(tmp_path / "x.wav", noise(more, 30))]
    b = [_row(tmp_path / "long.wav", np.concatenate([noise(1.5, 31), BRIEF, noise(1, 32)]))]

    (shared,) = audit(a, b).recordings

    assert (shared.a, shared.b) == (a[0], b[0])
    assert shared.at_b - shared.at_a == pytest.approx(1.5, abs=0.03)


def test_two_cuts_of_one_recording_that_share_a_second_are_found(tmp_path):
    a = [_row(tmp_path / "a.wav", LONG[: 3 * RATE])]
    b = [_row(tmp_path / "b.wav", LONG[2 * RATE - 200 :])]

    assert _found(audit(a, b)) == [("a.wav", "b.wav", ("sound",))]


def test_only_the_stretch_of_a_row_is_heard(tmp_path):
    a = [_row(tmp_path / "a.wav", np.concatenate([LONG, OTHER]), start=6.0, end=11.0)]
    b = [_row(tmp_path / "l.wav", LONG), _row(tmp_path / "o.wav", OTHER)]

    findings = audit(a, b)

    assert _found(findings) == [("a.wav", "o.wav", ("sound",))]
    assert findings.seconds == pytest.approx((5, 11), abs=0.01)


def test_one_number_of_the_world_is_one_recording_even_where_the_sound_differs(tmp_path):
    a = [_row(tmp_path / "a.wav", LONG, recording="freesound:7")]
    b = [
        _row(tmp_path / "b.wav", OTHER, recording="freesound:7"),
        _row(tmp_path / "c.wav", noise(2, 8), recording="freesound:8"),
    ]

    assert _found(audit(a, b)) == [("a.wav", "b.wav", ("id",))]


def test_equal_paths_in_two_folders_are_no_common_recording(tmp_path):
    a = [_row(tmp_path / "a" / "1.wav", LONG, recording="1.wav")]
    b = [_row(tmp_path / "b" / "1.wav", OTHER, recording="1.wav")]

    assert _found(audit(a, b)) == []


def test_captions_are_compared_without_case_and_punctuation(tmp_path):
    a = [
        _row(tmp_path / "1.wav", LONG, "A dog barks.", "Wind"),
        _row(tmp_path / "2.wav", OTHER, "a  dog -- barks!", "A DOG BARKS"),
        _row(tmp_path / "3.wav", BRIEF, "A dog barked", "..."),
    ]
    b = [_row(tmp_path / "4.wav", noise(2, 9), "a dog barks", "rain", "?")]

    findings = audit(a, b)

    assert findings.captions == (SharedCaption("a dog barks", 2, 1),)
    assert findings.recordings == ()


def test_what_cannot_be_heard_is_told_and_still_compared_by_its_bytes(tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"this is not sound at all" * 10)
    same = tmp_path / "same.wav"
    same.write_bytes(broken.read_bytes())
    a = [
        Row(broken, ()),
        _row(tmp_path / "silent.wav", np.zeros(RATE)),
        _row(tmp_path / "l.wav", LONG),
    ]
    b = [Row(same, ()), _row(tmp_path / "c.wav", LONG[:RATE])]

    findings = audit(a, b)

    assert _found(findings) == [
        ("broken.wav", "same.wav", ("bytes",)),
        ("l.wav", "c.wav", ("sound",)),
    ]
    assert [path.name for path, _ in findings.unheard] == ["broken.wav", "silent.wav", "same.wav"]
    assert findings.unheard[1][1] == "only 0.00 s of it are above -60 dBFS below 4 kHz"


def test_tones_hums_and_faint_noise_of_two_sets_are_not_the_same(tmp_path):
    time = np.arange(3 * RATE) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 440 * time)
    beeps = tone * (np.sin(2 * np.pi * 2 * time) > 0)
    hum = sum(np.sin(2 * np.pi * 50 * k * time) / k for k in (1, 2, 3)) / 3
    faint, other = 3e-3 * np.random.default_rng(1).standard_normal((2, len(time)))
    a = [_row(tmp_path / f"a{n}.wav", w) for n, w in enumerate((tone, beeps, hum + faint, faint))]
    others = (tone[99:], beeps[4000:], 0.5 * hum[77:] + other[77:], faint[::-1])
    b = [_row(tmp_path / f"b{n}.wav", w) for n, w in enumerate(others)]

    assert _found(audit(a, b)) == []


def test_an_empty_side_has_nothing_in_common(tmp_path):
    findings = audit([_row(tmp_path / "a.wav", LONG)], [])

    assert (findings.recordings, findings.captions) == ((), ())


def test_a_stretch_that_stands_in_several_rows_is_heard_once(tmp_path):
    row = _row(tmp_path / "a.wav", LONG, "one")
    again = Row(row.audio, ("two",))

    findings = audit([row, again], [_row(tmp_path / "b.wav", LONG[:9000])])

    assert len(findings.recordings) == 1
    assert findings.seconds[0] == pytest.approx(6)


def test_progress_rises_to_the_end_of_every_part(two_sets):
    shares = {"hearing": [], "comparing": [], "judging": []}

    audit(*two_sets, watch=lambda what, share: shares[what].append(share))

    for heard in shares.values():
        assert heard == sorted(heard)
        assert heard[-1] == pytest.approx(1, abs=1e-6)


def test_a_match_late_in_a_long_wave_is_found_across_the_pieces():
    with Spool() as a, Spool() as b:
        a.add([noise(95, 20)])  # more than two pieces of 40 s
        b.add([a.wave(0, 87 * RATE, 89 * RATE)])

        likely = list(likely_pairs(a, b, lambda _seconds: None))
        (met,) = meetings(a, b, likely, lambda _share: None)

    assert met.at_a - met.at_b == pytest.approx(87 * RATE, abs=240)


def test_a_trial_finds_every_plain_copy(tmp_path):
    rows = [_row(tmp_path / f"{n}.wav", noise(4, n)) for n in range(4)]
    rows += [_row(tmp_path / f"{n}.wav", noise(0.5, n)) for n in range(4, 7)]

    outcomes = {one.change: one for one in trial(rows, 2)}

    # half of white noise correlates 0.71 with the whole, so its dull copies may be missed
    whole = [one for change, one in outcomes.items() if "2 kHz" not in change]
    assert {(one.tried, one.found, one.others) for one in whole} == {(2, 2, 0)}
    assert (len(whole), len(outcomes)) == (10, 12)
