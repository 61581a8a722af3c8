"""`earmark.Model`: what its vectors are, and that nothing beside a sound changes a bit of them."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import numpy as np
import pytest
import soundfile

import earmark
from earmark.audio.mel import log_mel
from earmark.audio.read import open_sound
from earmark.errors import AudioError, EarmarkError, UsageError
from earmark.model.pool import gist, line_up
from earmark.synth import make
from model.tiny import (
    CLASSES,
    EARS,
    MATRIX,
    PAGE,
    RATE,
    RERANKS,
    RULE,
    TABLE,
    WAVES,
    new_model,
    write_tiny,
)

KINDS = ("dog_bark", "light_rain", "police_siren", "wind")


@pytest.fixture(scope="module")
def model():
    return new_model()


@pytest.fixture(scope="module")
def waves():
    return [make(kind, 1, seconds=4 + 3 * n, rate=RATE) for n, kind in enumerate(KINDS)]


@pytest.fixture
def files(tmp_path, waves):
    paths = []
    for number, wave in enumerate(waves):
        paths.append(tmp_path / f"{number}.wav")
        soundfile.write(paths[-1], wave, RATE, subtype="FLOAT")
    return paths


def bits(line):
    return b"".join(
        array.tobytes() for array in (line.tokens, line.weights, line.times, line.classes)
    )


def test_a_short_sound_by_hand(model):
    wave = make("piano", 2, seconds=1.0, rate=RATE)

    line = model.hear_wave(wave, rate=RATE)

    # The window: 0.32 s of silence, the sound, silence up to 4.8 s. Tokens of 16 frames; those with
    # centres at 0.16, 0.48 and 0.8 s of the sound are number 1 to 3 of the window.
    window = np.zeros(38_400, np.float32)
    window[2560:10_560] = wave
    bands = log_mel(window, RULE)[:240].reshape(15, 16, 8).mean(axis=1)
    tokens, loud = bands @ MATRIX, 1 / (1 + np.exp(-bands.mean(axis=1)))
    np.testing.assert_allclose(line.tokens, tokens[1:4], atol=1e-5)
    np.testing.assert_allclose(line.weights, loud[1:4], atol=1e-5)
    np.testing.assert_allclose(line.times, [[0, 0.32], [0.32, 0.64], [0.64, 0.96]])
    np.testing.assert_allclose(
        line.classes[0], 1 / (1 + np.exp(-tokens.mean(axis=0) @ CLASSES)), atol=1e-5
    )
    total = (tokens[1:4] * loud[1:4, None]).sum(axis=0)
    expected = total / np.linalg.norm(total)
    np.testing.assert_allclose(model.embed_audio(wave, rate=RATE)[0], expected, atol=1e-5)


def test_vectors_have_the_promised_shapes(model, waves):
    a = model.embed_audio(waves, rate=RATE)
    w, times = model.embed_windows(waves[3], rate=RATE)
    t = model.embed_text(["rain", "a dog", "wind in trees"])

    assert (a.shape, t.shape) == ((4, 6), (3, 6))
    assert (len(w), len(times)) == (12, 12)  # 13 s: windows of 2 s every second
    assert a.dtype == w.dtype == t.dtype == np.float32
    for vectors in (a, w, t):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, rtol=1e-5)


def test_it_says_what_it_is(model):
    assert (model.name, model.width, model.rate) == ("tiny", 6, RATE)
    assert model.classes == ("low", "high")


def test_nothing_gives_nothing(model):
    assert model.embed_audio([], rate=RATE).shape == (0, 6)
    assert model.embed_text([]).shape == (0, 6)
    assert model.score([], [], rate=RATE).shape == (0, 0)


def test_windows_are_the_gists_of_their_tokens(model, waves):
    line = model.hear_wave(waves[2], rate=RATE)
    centres = line.times.mean(axis=1)

    vectors, times = model.embed_windows(waves[2], rate=RATE)

    assert times.tolist() == [[n, n + 2] for n in range(9)]
    for vector, (start, end) in zip(vectors, times, strict=True):
        inside = (centres >= start) & (centres < end)
        assert np.array_equal(vector, gist(line.tokens[inside], line.weights[inside]))


def test_tokens_tile_the_recording(model, waves):
    line = model.hear_wave(waves[3], rate=RATE)

    gaps = line.times[1:, 0] - line.times[:-1, 1]
    assert gaps.min() >= -1e-9
    assert gaps.max() <= 0.16 + 1e-9
    assert line.times[0, 0] == 0
    assert line.times[-1, 1] <= line.seconds == 13
    assert len(line.classes) == len(line.stretches) >= 4


def test_the_last_window_ends_with_a_recording_whose_length_is_odd(model):
    wave = make("wind", 1, seconds=5.3, rate=RATE)

    times = model.embed_windows(wave, rate=RATE)[1]

    assert times[-1].tolist() == [4, len(wave) / RATE]


def test_the_order_of_waves_changes_nothing(model, waves):
    alone = [model.embed_audio(wave, rate=RATE)[0].tobytes() for wave in waves]

    for order in [(3, 2, 1, 0), (1, 3, 0, 2), (2, 2, 0, 2)]:
        found = model.embed_audio([waves[n] for n in order], rate=RATE)
        assert [row.tobytes() for row in found] == [alone[n] for n in order]


@pytest.mark.parametrize("page", [PAGE, EARS, WAVES], ids=lambda page: page.name)
@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_what_is_heard_beside_changes_nothing(page, jobs, files):
    alone = {path: bits(new_model(page).hear(path)) for path in files}
    model = new_model(page)

    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(lambda path: bits(model.hear(path)), [*files, *files[::-1]]))

    assert found == [alone[path] for path in [*files, *files[::-1]]]


@pytest.mark.parametrize("block", [50, 777, 8000, 65_536, 1_000_000])
@pytest.mark.parametrize("rate", [RATE, 11_025])
def test_the_block_size_of_reading_changes_nothing(model, tmp_path, block, rate):
    path = tmp_path / "wave.wav"
    soundfile.write(path, make("police_siren", 2, seconds=14, rate=rate), rate, subtype="FLOAT")
    whole = model.hear(path)

    with open_sound(path, rate=RATE, block=block) as sound:
        found = line_up(list(model.listen(sound)), whole.seconds)

    assert bits(found) == bits(whole)


def test_windows_heard_by_other_threads_are_those_of_the_whole(model, waves):
    whole = model.hear_wave(waves[3], rate=RATE)
    other = new_model()
    other.open_ears()

    with ThreadPoolExecutor(3) as pool:
        heard = list(pool.map(other.hear_window, other.windows([waves[3]])))

    assert len(heard) == 4
    assert bits(line_up(heard, whole.seconds)) == bits(whole)


@pytest.mark.parametrize("rate", [RATE, 11_025, 44_100])
def test_a_wave_is_heard_as_the_file_that_holds_it(model, tmp_path, rate):
    wave = make("light_rain", 2, seconds=9.7, rate=rate)
    soundfile.write(tmp_path / "wave.wav", wave, rate, subtype="FLOAT")

    line = model.hear_wave(wave, rate=rate)

    assert bits(model.hear(tmp_path / "wave.wav")) == bits(line)
    assert line.seconds == pytest.approx(9.7, abs=1e-3)


def test_how_many_cores_the_machine_gives_changes_nothing(tmp_path, waves):
    write_tiny(tmp_path / "tiny")
    np.save(tmp_path / "wave.npy", waves[2])
    code = "import sys, numpy, earmark; m = earmark.Model.load(sys.argv[1])\n"
    code += "v = m.embed_windows(numpy.load(sys.argv[2]), rate=8000)[0]; print(v.tobytes().hex())"
    words = [sys.executable, "-c", code, str(tmp_path / "tiny"), str(tmp_path / "wave.npy")]

    found = {
        subprocess.run(
            words,
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": cores},
        ).stdout
        for cores in ("1", "2", "5")
    }

    assert len(found) == 1


def test_context_comes_from_the_true_neighbours(model):
    # Samples of one size but of any sign: as loud everywhere, so other signs never move a cut.
    rng = np.random.default_rng(0)
    wave = rng.choice(np.array([-0.1, 0.1], np.float32), 12 * RATE)
    first, second, third = (one.moment for one in model.listen([wave]))
    other = wave.copy()
    other[round((first.end - 0.3) * RATE) : round((first.end - 0.1) * RATE) : 2] *= -1

    line, changed = (model.hear_wave(one, rate=RATE) for one in (wave, other))

    assert np.array_equal(line.stretches, changed.stretches)
    differ = (line.classes != changed.classes).any(axis=1)
    assert differ.tolist() == [True, True, False]
    assert second.end < third.end == 12


def test_digital_silence_is_heard_and_finite(model):
    line = model.hear_wave(np.zeros(30 * RATE, np.float32), rate=RATE)

    assert line.stretches.tolist() == [[0, 4]]
    assert line.seconds == 30
    assert np.isfinite(line.gist()).all()


@pytest.mark.parametrize("samples", [1, 2, 79, 400])
def test_the_shortest_sound_has_a_vector(model, samples):
    wave = np.full(samples, 0.3, np.float32)

    vectors, times = model.embed_windows(wave, rate=RATE)

    assert times.tolist() == [[0, samples / RATE]]
    assert np.array_equal(vectors, model.embed_audio(wave, rate=RATE))


def test_a_sound_that_resampling_makes_nothing_of_is_refused(model):
    with pytest.raises(UsageError, match="1 samples at 192000 Hz are less than one at 8000 Hz"):
        model.embed_audio(np.ones(1, np.float32), rate=192_000)


def test_another_rate_is_resampled(model):
    wave = make("police_siren", 3, seconds=3, rate=48_000)

    line = model.hear_wave(wave, rate=48_000)

    assert line.seconds == pytest.approx(3)
    slow = model.embed_audio(wave[::6].copy(), rate=8000)[0]
    assert line.gist() @ slow > 0.99


def test_texts_do_not_change_each_other(model):
    texts = ["rain", "a dog barks twice", "rain on a tin roof and thunder"]
    alone = [model.embed_text(text)[0].tobytes() for text in texts]

    for order in permutations(range(3)):
        found = model.embed_text([texts[n] for n in order])
        assert [row.tobytes() for row in found] == [alone[n] for n in order]


def test_scores_are_the_products_of_gists(model, waves):
    texts = ["rain", "a dog", "wind"]

    scores = model.score(texts, waves[:2], rate=RATE)

    assert scores.shape == (3, 2)
    gists = model.embed_text(texts) @ model.embed_audio(waves[:2], rate=RATE).T
    np.testing.assert_allclose(scores, gists, atol=1e-6)


def test_a_reranker_scores_the_tokens(waves):
    model = new_model(RERANKS)
    line = model.hear_wave(waves[1], rate=RATE)
    rows = TABLE[[256, 0, 2, 257]]  # of "!#"

    scores = model.score(["!#", "rain"], [waves[0], waves[2], waves[1]], rate=RATE)

    assert scores.shape == (2, 3)
    best = (rows @ line.tokens.T).max(axis=1)
    assert scores[0, 2] == pytest.approx(best.mean(), rel=1e-5)


@pytest.mark.parametrize("page", [PAGE, RERANKS], ids=lambda page: page.name)
def test_a_score_does_not_depend_on_what_is_scored_beside_it(page, waves):
    model, texts = new_model(page), ["rain", "a dog", "wind in the trees"]

    whole = model.score(texts, waves, rate=RATE)

    for row, text in enumerate(texts):
        for column, wave in enumerate(waves):
            assert model.score(text, wave, rate=RATE)[0, 0] == whole[row, column]


def test_ears_alone_hear_and_do_not_read(waves):
    model = new_model(EARS)

    assert model.embed_audio(waves, rate=RATE).shape == (4, 6)
    assert model.hear_wave(waves[1], rate=RATE).classes.shape[1] == 0
    for call in (model.embed_text, lambda text: model.score(text, waves, rate=RATE)):
        with pytest.raises(UsageError, match=r"only hears: there is no text\.onnx") as caught:
            call(["rain"])
        assert len(str(caught.value).splitlines()) == 2


def test_a_file_without_sound_is_refused(model, tmp_path):
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)

    with pytest.raises(AudioError) as caught:
        model.hear(tmp_path / "empty.wav")
    assert len(str(caught.value).splitlines()) == 2
    with pytest.raises(AudioError, match="there is no such file"):
        model.hear(tmp_path / "gone.wav")


def test_a_model_with_a_missing_file_is_not_loaded(tmp_path):
    write_tiny(tmp_path / "tiny")
    (tmp_path / "tiny" / "golden.npz").unlink()

    with pytest.raises(EarmarkError, match=r"golden\.npz is missing"):
        earmark.Model.load(tmp_path / "tiny")


def test_a_changed_file_is_found_by_whoever_needs_it(tmp_path, waves):
    write_tiny(tmp_path / "tiny")
    (tmp_path / "tiny" / "audio.onnx").write_bytes(b"changed")

    model = earmark.Model.load(tmp_path / "tiny")

    assert model.embed_text("rain").shape == (1, model.width)
    with pytest.raises(EarmarkError, match=r"audio\.onnx is not the file") as caught:
        model.embed_audio(waves, rate=RATE)
    assert len(str(caught.value).splitlines()) == 2


def test_a_loaded_model_is_the_one_that_was_written(tmp_path, model, waves):
    write_tiny(tmp_path / "tiny")

    loaded = earmark.Model.load(str(tmp_path / "tiny"))

    assert loaded.page.name == model.name
    assert bits(loaded.hear_wave(waves[0], rate=RATE)) == bits(model.hear_wave(waves[0], rate=RATE))


def test_bad_input_is_two_lines(model, waves):
    calls = [
        lambda: model.embed_audio(np.stack([waves[0], waves[0]]), rate=RATE),
        lambda: model.embed_audio(waves, rate=0),
        lambda: model.embed_windows(np.full(90, np.nan), rate=RATE),
        lambda: model.embed_text([""]),
        lambda: model.score(["rain", 3], waves, rate=RATE),
    ]
    for call in calls:
        with pytest.raises(UsageError) as caught:
            call()
        assert len(str(caught.value).splitlines()) == 2


def test_reading_words_loads_no_decoder_and_never_torch(tmp_path):
    write_tiny(tmp_path / "tiny")
    code = "import sys; sys.modules['torch'] = None; import earmark\n"
    code += "earmark.Model.load(sys.argv[1]).embed_text(['rain']); print(*sys.modules)"
    words = [sys.executable, "-c", code, str(tmp_path / "tiny")]

    done = subprocess.run(words, capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert {"onnxruntime", "tokenizers"} <= loaded
    assert not loaded & {"av", "soundfile", "soxr", "onnx", "earmark.audio.read"}


def test_the_package_has_no_name_that_it_has_not():
    with pytest.raises(AttributeError, match="no attribute 'Modell'"):
        earmark.Modell  # noqa: B018
