import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip("onnx", reason="training needs onnx: pip install 'earmark[lab]'")
import numpy as np
import onnx
import onnxruntime

from earmark.audio.mel import log_mel
from earmark.errors import DataError
from earmark.lab.experts import efficientat
from earmark.lab.experts.efficientat import MEL, OnnxEfficientAT, TorchEfficientAT, as_mel
from lab.experts import tiny_net
from lab.experts.real import data_file

torch.set_num_threads(1)

BOTH = pytest.mark.parametrize("kind", [OnnxEfficientAT, TorchEfficientAT])


def some_waves(batch=2, seconds=0.5):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(batch, int(MEL.rate * seconds), generator=generator) / 10


def tone(hertz, seconds=5):
    return torch.sin(2 * np.pi * hertz * torch.arange(MEL.rate * seconds) / MEL.rate)[None] / 3


def as_published(wave):
    """The front end by the words of its makers, in float64: [S] -> [128, frames]."""
    wave = wave.double()
    emphasised = wave[1:] - 0.97 * wave[:-1]
    window = torch.hann_window(800, periodic=False, dtype=torch.float64)
    spectrum = torch.stft(
        emphasised, 1024, 320, 800, window, center=True, pad_mode="reflect", return_complex=True
    )
    power = spectrum.abs().square()[:512]
    top = 1127 * np.log(1 + 15_000 / 700)
    step = top / 129
    mels = 1127 * np.log(1 + np.arange(512) * 32_000 / 1024 / 700)
    distance = np.abs(mels[None] - step * np.arange(1, 129)[:, None]) / step
    bank = torch.from_numpy(np.maximum(0, 1 - distance))
    return ((bank @ power + 1e-5).log() + 4.5) / 5


def test_the_front_end_is_that_of_its_makers():
    wave = some_waves(1)[0]

    found = as_mel(wave[None])[0, 0]

    np.testing.assert_allclose(found, as_published(wave), atol=1e-4)
    np.testing.assert_allclose(found.T, log_mel(wave.numpy(), MEL), atol=1e-4)


@BOTH
def test_waves_are_heard_by_way_of_their_log_mel(kind, tmp_path):
    expert, waves = kind(tiny_net.write(tmp_path / "tiny.onnx")), some_waves()

    heard, again = expert.hear(waves), expert.from_mel(as_mel(waves))

    assert torch.equal(heard.tokens.x, again.tokens.x)
    assert heard.scores.shape == (2, tiny_net.CLASSES)
    assert heard.tokens.real.shape == heard.tokens.x.shape[:2]
    assert heard.tokens.real.all()


@BOTH
def test_names_come_from_the_table_beside_the_network(kind, tmp_path):
    expert = kind(tiny_net.write(tmp_path / "tiny.onnx"))

    assert expert.names == ("Dog", "Rain, heavy", "Car")
    assert expert.rate == 32_000


@BOTH
def test_answers_can_be_learned_from(kind, tmp_path):
    expert = kind(tiny_net.write(tmp_path / "tiny.onnx"))
    student = torch.ones(2, tiny_net.CLASSES, requires_grad=True)

    (student * expert.hear(some_waves()).scores).sum().backward()

    assert student.grad.abs().sum() > 0


def test_levels_are_means_over_bands_and_over_the_steps_of_a_token(tmp_path, monkeypatch):
    place = tiny_net.write(tmp_path / "tiny.onnx")
    mel = as_mel(some_waves())
    plain = OnnxEfficientAT(place).from_mel(mel)
    monkeypatch.setattr(efficientat, "LEVELS", ("b", "d"))
    maps = {name: torch.from_numpy(value) for name, value in values(place, mel).items()}
    few = maps["d"].repeat_interleave(2, dim=3)  # twice as many steps as there are tokens

    found = OnnxEfficientAT(place, 2).from_mel(mel)

    assert torch.equal(found.tokens.x, plain.tokens.x)
    assert plain.tokens.levels == ()
    for level, name in zip(found.tokens.levels, "bd", strict=True):
        torch.testing.assert_close(level, maps[name].mean(dim=2).transpose(1, 2))
    torch.testing.assert_close(efficientat._level(few, few.shape[3] // 2), found.tokens.levels[1])
    assert len(OnnxEfficientAT(place, 1).from_mel(mel).tokens.levels) == 1


def values(place, mel):
    """What a tiny network works out at two places."""
    network = onnx.load(place)
    network.graph.output.extend([onnx.ValueInfoProto(name=name) for name in "bd"])
    session = onnxruntime.InferenceSession(network.SerializeToString())
    return dict(zip("bd", session.run(["b", "d"], {"logmel": mel.numpy()}), strict=True))


def test_another_network_has_other_levels(tmp_path):
    with pytest.raises(DataError) as error:
        OnnxEfficientAT(tiny_net.write(tmp_path / "tiny.onnx"), 1)

    assert str(tmp_path / "tiny.onnx") in error.value.problem
    assert "leave levels out of [features]" in error.value.hint


def test_the_real_network_tells_two_levels_and_hears_as_without():
    path = data_file("efficientat_mn04.onnx")
    waves = torch.cat([tone(1000), some_waves(1, seconds=5)])

    plain, found = OnnxEfficientAT(path).hear(waves), OnnxEfficientAT(path, 2).hear(waves)

    assert [one.shape for one in found.tokens.levels] == [(2, 16, 96), (2, 16, 272)]
    torch.testing.assert_close(found.tokens.x, plain.tokens.x, atol=1e-5, rtol=0)
    assert all((one[0] - one[1]).abs().max() > 0.1 for one in found.tokens.levels)


def test_torch_agrees_with_onnxruntime_on_the_real_network():
    path = data_file("efficientat_mn04.onnx")
    mel = as_mel(some_waves(2, seconds=5.12) * torch.tensor([[1.0], [0.01]]))

    found, expected = TorchEfficientAT(path).from_mel(mel), OnnxEfficientAT(path).from_mel(mel)

    torch.testing.assert_close(found.scores, expected.scores, atol=1e-4, rtol=0)
    torch.testing.assert_close(found.embedding, expected.embedding, atol=1e-4, rtol=0)
    torch.testing.assert_close(found.tokens.x, expected.tokens.x, atol=1e-4, rtol=0)


@BOTH
def test_the_real_network_hears_a_tone_by_name(kind):
    expert = kind(data_file("efficientat_mn04.onnx"))

    heard = expert.hear(tone(1000))

    assert expert.names[heard.scores[0].argmax()] == "Beep, bleep"
    assert heard.embedding.shape == (1, 384)
    assert heard.tokens.x.shape == (1, 16, 384)  # 500 frames, 32 a token, the last one part full


@BOTH
def test_a_clip_is_heard_the_same_beside_any_other(kind):
    expert = kind(data_file("efficientat_mn04.onnx"))
    mel = as_mel(torch.cat([tone(1000), some_waves(1, seconds=5)]))

    together, alone = expert.from_mel(mel), expert.from_mel(mel[:1])

    torch.testing.assert_close(together.scores[:1], alone.scores, atol=1e-5, rtol=0)
