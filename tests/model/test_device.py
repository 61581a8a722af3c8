"""`model/device.py`: what is asked for is used where it is, and what is not there is said."""

import numpy as np
import pytest

from earmark.audio.write import write
from earmark.cli.main import main
from earmark.errors import UsageError
from earmark.library.library import Library
from earmark.model import device
from earmark.model.device import CPU, DEVICES, VARIABLE, Device, device_called
from earmark.model.model import Model
from earmark.synth import make
from model.tiny import PAGE, RATE, contents_of, write_tiny

CONTENTS = contents_of(PAGE)
FOUR = Device(name="four at once", provider=CPU.provider, batch=4)
NO_CARD = Device(name="card", provider="NoSuchExecutionProvider", batch=4)
HAS_CUDA = DEVICES["cuda"].is_there


def model_on(wanted):
    return Model(PAGE, CONTENTS.__getitem__, wanted)


def sounds(count=11, seconds=4.0):
    """More stretches than a batch holds, and not a multiple of it."""
    return np.concatenate(
        [make(kind, n, seconds=seconds, rate=RATE) for n in range(count) for kind in ("dog_bark",)]
    )


def test_the_processor_is_what_is_used_unless_something_else_is_asked_for(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)

    assert device_called() is CPU
    assert Model(PAGE, CONTENTS.__getitem__).device is CPU
    assert CPU.batch == 1  # one item at a time: nothing beside it can change a bit


def test_the_environment_names_a_device_and_an_argument_wins(monkeypatch):
    monkeypatch.setenv(VARIABLE, "cuda-mixed")

    assert device_called().options["use_tf32"] == "1"
    assert device_called("cpu") is CPU


def test_auto_takes_a_card_where_the_runtime_was_built_for_one(monkeypatch):
    monkeypatch.setattr(device.ort, "get_available_providers", lambda: ["CPUExecutionProvider"])
    assert device_called("auto") is CPU

    monkeypatch.setattr(device.ort, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    assert device_called("auto") is DEVICES["cuda"]


def test_an_unknown_device_is_two_lines():
    with pytest.raises(UsageError, match="no device called 'tpu'") as error:
        device_called("tpu")
    assert "cpu, cuda, cuda-mixed, auto" in error.value.hint


def test_batches_give_what_single_windows_give():
    wave = sounds()

    alone, together = (model_on(one).hear_wave(wave, rate=RATE) for one in (CPU, FOUR))

    assert len(alone.tokens) == len(together.tokens) > 4 * 12
    np.testing.assert_array_equal(alone.times, together.times)
    np.testing.assert_allclose(alone.tokens, together.tokens, atol=1e-5)
    np.testing.assert_allclose(alone.weights, together.weights, rtol=1e-5)


def test_every_batch_is_full():
    model, seen = model_on(FOUR), []
    network = model._ears._network
    run = network.run_batch
    network.run_batch = lambda outputs, batch: seen.append(batch) or run(outputs, batch)

    model.hear_wave(sounds(5), rate=RATE)

    assert len(seen) > 1
    assert {len(array) for batch in seen for array in batch.values()} == {4}


def test_a_library_heard_in_batches_holds_what_one_by_one_holds(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    for number in range(5):
        write(folder / f"{number}.wav", sounds(1 + number), RATE)
    kept = []
    for name, wanted in (("alone", CPU), ("together", FOUR)):
        with Library.create(tmp_path / name, model=model_on(wanted)) as library:
            library.index([folder], jobs=2)
            store = library.store
            paths = {r.place.path: r.sound for r in store.recordings()}
            kept.append([store.moments(paths[path]) for path in sorted(paths)])

    for (mine, times), (theirs, other) in zip(*kept, strict=True):
        np.testing.assert_array_equal(times, other)
        np.testing.assert_allclose(mine, theirs, atol=2e-3)  # float16, of int8 tokens


def test_without_the_card_it_hears_on_the_processor_and_gives_its_bytes():
    model, wave = model_on(NO_CARD), sounds(2)

    found = model.hear_wave(wave, rate=RATE)

    assert model.device is CPU
    np.testing.assert_array_equal(found.tokens, model_on(CPU).hear_wave(wave, rate=RATE).tokens)


def test_a_card_that_does_not_start_is_told(monkeypatch):
    monkeypatch.setattr(device.ort, "get_available_providers", lambda: ["CUDAExecutionProvider"])

    assert device.why_not(DEVICES["cuda"]).startswith("cuda did not start; it hears on the proc")


@pytest.fixture
def one_sound(tmp_path):
    write(tmp_path / "a.wav", make("dog_bark", 1, seconds=3.0, rate=RATE), RATE)
    write_tiny(tmp_path / "tiny")
    return tmp_path


@pytest.mark.skipif(HAS_CUDA, reason="there is a graphics card, so nothing falls back")
@pytest.mark.parametrize(
    "command",
    [
        ["index", "a.wav", "--library", "library"],
        ["moments", "a.wav", "a dog", "--all"],
    ],
)
def test_a_command_goes_on_without_the_card_and_says_so(one_sound, monkeypatch, capsys, command):
    monkeypatch.chdir(one_sound)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("os.environ", dict(device.os.environ))

    assert main([*command, "--model", "tiny", "--device", "cuda"]) == 0

    told = capsys.readouterr().err
    assert "no cuda here: onnxruntime" in told
    assert "onnxruntime-gpu" in told


def test_a_command_refuses_a_device_that_nobody_knows(one_sound, monkeypatch, capsys):
    monkeypatch.chdir(one_sound)

    assert main(["index", "a.wav", "--library", "new", "--model", "tiny", "--device", "tpu"]) == 2

    assert "no device called 'tpu'" in capsys.readouterr().err
    assert not (one_sound / "new").exists()


@pytest.mark.skipif(not HAS_CUDA, reason="it needs a graphics card and onnxruntime-gpu")
@pytest.mark.parametrize("name", ["cuda", "cuda-mixed"])
def test_a_card_hears_what_the_processor_hears(name):
    wave = sounds()
    alone, card = (model_on(DEVICES[one]).hear_wave(wave, rate=RATE) for one in ("cpu", name))

    assert model_on(DEVICES[name]).device == DEVICES[name]
    near = (alone.tokens * card.tokens).sum(axis=1) / np.linalg.norm(alone.tokens, axis=1)
    assert (near / np.linalg.norm(card.tokens, axis=1)).min() > 0.999
