"""`bundle.json`, key by key: what is missing, unknown, of the wrong kind or impossible is named."""

import json
from dataclasses import replace

import pytest

from earmark.errors import UsageError
from earmark.model.page import LogMel, Rerank, Seconds, Text, Wave, parse_page
from earmark.model.strict import MisfitError
from earmark.synth import make
from model.tiny import EARS, PAGE, RERANKS, RULE, WAVES


def changed(page=PAGE, **changes):
    """The page's JSON with some values changed; `a__b` is a key inside another, None removes it."""
    values = json.loads(page.dumps())
    for path, value in changes.items():
        *outer, last = path.split("__")
        inner = values
        for name in outer:
            inner = inner[int(name) if name.isdigit() else name]
        inner[last] = value
    return json.dumps(values)


@pytest.mark.parametrize("page", [PAGE, RERANKS, EARS, WAVES], ids=lambda page: page.name)
def test_a_page_is_read_as_it_was_written(page):
    again = parse_page(page.dumps())

    assert again == page
    assert again.dumps() == page.dumps()


def test_a_page_tells_the_wave_that_goes_in():
    assert (PAGE.rate, PAGE.samples) == (8000, 38_400)
    assert PAGE.fronts[0].shape == (240, 8)
    assert WAVES.fronts[0].shape == (38_400,)


def test_a_bundle_must_have_the_files_of_what_it_can_do():
    assert EARS.needed == ("audio.onnx", "golden.npz", "README.md")
    assert set(RERANKS.needed) - set(PAGE.needed) == {"rerank.onnx"}
    assert set(PAGE.needed) - set(EARS.needed) == {"text.onnx", "tokenizer.json"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"licens": "MIT"}, r"licens: no such key \(did you mean 'licence'\?\)"),
        ({"seconds__hopp": 1}, r"seconds.hopp: no such key \(did you mean 'hop'\?\)"),
        ({"fronts__0__rule__colour": 1}, r"fronts\[0\].rule.colour: no such key$"),
        ({"width": "6"}, 'width: a whole number was expected, not "6"'),
        ({"width": 6.5}, "width: a whole number was expected, not 6.5"),
        ({"width": True}, "width: a whole number was expected, not true"),
        ({"seconds__hop": None}, "seconds.hop: a number was expected, not null"),
        ({"seconds": [1, 2]}, r"seconds: an object was expected, not \[1, 2\]"),
        ({"weights": "int4"}, "weights: 'float32' or 'int8' was expected"),
        ({"languages": "en"}, 'languages: a list was expected, not "en"'),
        ({"languages": [1]}, r"languages\[0\]: text was expected, not 1"),
        ({"fronts__0__kind": "mfcc"}, r"fronts\[0\].kind: 'log-mel' or 'wave' was expected"),
        ({"fronts__0__kind": ["wave"]}, r"fronts\[0\].kind: 'log-mel' or 'wave' was expected"),
        ({"fronts": [3]}, r"fronts\[0\]: an object was expected, not 3"),
        ({"fronts__0__rule__periodic": 1}, "periodic: true or false was expected, not 1"),
        ({"fronts__0__rule__hop": 0}, "a hop of 0 samples goes nowhere"),
        ({"fronts__0__frames": 1}, "1 frames are shorter than one FFT"),
        ({"results": 4}, "results: an object was expected, not 4"),
        ({"files": {"audio.onnx": 4}}, "files.audio.onnx: text was expected, not 4"),
        ({"calibration": 3}, "calibration: an object was expected, not 3"),
        ({"text__longest": 0}, "texts without a single id"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(changes, said):
    with pytest.raises(MisfitError, match=said):
        parse_page(changed(**changes))


@pytest.mark.parametrize("key", ["name", "fronts", "calibration", "files"])
def test_no_key_may_be_missing(key):
    values = json.loads(PAGE.dumps())
    del values[key]

    with pytest.raises(MisfitError, match=f"{key}: it is missing"):
        parse_page(json.dumps(values))


@pytest.mark.parametrize("path", ["fill", "fronts__0__ends", "fronts__0__rule__precision"])
def test_what_came_to_the_format_later_may_be_missing_but_not_wrong(path):
    values = json.loads(PAGE.dumps())
    inner = values
    *outer, last = path.split("__")
    for name in outer:
        inner = inner[int(name) if name.isdigit() else name]
    del inner[last]

    assert parse_page(json.dumps(values)) == PAGE
    with pytest.raises(MisfitError, match=f"{last}: .* was expected, not 3"):
        parse_page(changed(**{path: 3}))


def test_the_last_frame_may_be_that_at_the_end():
    # 241 frames 160 samples apart, from the first sample to the 38,400th.
    front = LogMel(input="x", frames=241, rule=RULE, ends=True)

    assert front.samples == 240 * 160
    assert front.make(make("dog_bark", 1, seconds=4.8, rate=8000)).shape == front.shape


def test_a_number_of_a_front_end_may_not_be_left_to_a_default():
    values = json.loads(PAGE.dumps())
    del values["fronts"][0]["rule"]["periodic"]

    with pytest.raises(MisfitError, match=r"rule\.periodic: it is missing"):
        parse_page(json.dumps(values))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"format": NaN}', "NaN is not a number"),
        ("[]", "no page of an earmark bundle"),
        ('{"model_type": "clap"}', "no page of an earmark bundle"),
    ],
)
def test_other_json_is_no_page(text, said):
    with pytest.raises(MisfitError, match=said):
        parse_page(text)


def test_a_number_beyond_all_bounds_is_refused():
    text = PAGE.dumps().replace('"hop": 1.0', '"hop": 1e999')

    with pytest.raises(MisfitError, match=r"seconds.hop: a number was expected"):
        parse_page(text)


def seconds(**changes):
    return replace(PAGE.seconds, **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "../up"}, "the name '../up'"),
        ({"name": "Big"}, "the name 'Big'"),
        ({"name": "big model"}, "the name 'big model'"),
        ({"width": 0}, "a width of 0"),
        ({"fronts": ()}, "no front end"),
        ({"fronts": (Wave(input="wave", samples=0, rate=8000),)}, "0 samples at 8000 Hz"),
        (
            {"fronts": (*PAGE.fronts, Wave(input="wave", samples=38_400, rate=16_000))},
            "differ in rate or length",
        ),
        ({"text": None, "rerank": Rerank(candidates=5)}, "a reranker without words"),
        ({"rerank": Rerank(candidates=0)}, "a reranker without candidates"),
        ({"rerank": Rerank(candidates=5, seconds=0.0)}, "a reranker of no time"),
        ({"classes": ("dog", "dog")}, "two classes of one name"),
        ({"seconds": seconds(stretch=4.6)}, "a stretch of 4.6 s and 0.32 s before it"),
        ({"seconds": seconds(stretch=0.9)}, "a stretch of 0.9 s"),
        ({"seconds": seconds(hop=2.5)}, "windows of 2.0 s every 2.5 s"),
        ({"seconds": seconds(token=0.32001)}, "not whole samples"),
        ({"seconds": seconds(before=-0.32)}, "not positive"),
        ({"seconds": seconds(shortest=0.0)}, "not positive"),
        ({"fill": "repeat"}, "a repeated sound after another"),
        ({"files": {"../x": "0" * 64}}, "the file name '../x'"),
        ({"files": {"a/b": "0" * 64}}, "the file name 'a/b'"),
        ({"files": {"x": "123"}}, "the SHA-256 of x"),
    ],
)
def test_an_impossible_model_is_refused(changes, said):
    with pytest.raises(UsageError, match=said):
        replace(PAGE, **changes)


def test_the_input_of_a_log_mel_is_its_first_frames():
    import numpy as np

    from earmark.audio.mel import log_mel

    wave = np.random.default_rng(0).uniform(-1, 1, 38_400).astype(np.float32)
    whole = log_mel(wave, RULE)
    front = LogMel(input="x", frames=240, rule=RULE)

    assert len(whole) == 241
    assert np.array_equal(front.make(wave), whole[:240])


def test_earmark_small_has_the_numbers_of_its_contract():
    rule = replace(
        RULE, rate=32_000, fft=1024, window=800, hop=640, bands=64, high=15_000, emphasis=0.97
    )
    times = Seconds(stretch=10.0, before=0.96, token=0.32, window=5.0, hop=2.5, shortest=1.0)
    front = LogMel(input="logmel", frames=608, rule=rule)

    page = replace(
        PAGE, fronts=(front,), seconds=times, width=256, weights="int8", text=Text(longest=64)
    )

    assert page.samples / page.rate == pytest.approx(12.16)
    assert rule.frames(page.samples) == 608
