"""PANNs by hand, beside the same network built of torch's own modules, and from files."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
from torch import nn

from earmark.errors import DataError
from earmark.lab.experts import open_expert
from earmark.lab.experts.panns import NAMES, Panns, open_panns

torch.set_num_threads(1)

LENGTH, BANDS, CLASSES = 64, 32, 3  # samples of a transform; so 20 a hop, and 2,000 Hz
HOP, RATE = 20, 2000


class Block(nn.Module):
    def __init__(self, wide, wider, kernel):
        super().__init__()
        self.conv1 = nn.Conv2d(wide, wider, kernel, padding=kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(wider)
        if kernel == 3:
            self.conv2 = nn.Conv2d(wider, wider, 3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(wider)

    def forward(self, x, halves):
        x = self.bn1(self.conv1(x)).relu()
        if hasattr(self, "conv2"):
            x = self.bn2(self.conv2(x)).relu()
        return nn.functional.avg_pool2d(x, 2) if halves else x


class Plain(nn.Module):
    """The same, of torch's modules: its state has the names that a checkpoint has."""

    def __init__(self, blocks=6, kernel=3):
        super().__init__()
        torch.manual_seed(blocks)
        self.spectrogram_extractor = nn.Module()
        self.spectrogram_extractor.stft = nn.Module()
        at = torch.arange(LENGTH // 2 + 1)[:, None] * torch.arange(LENGTH)
        window, turn = torch.hann_window(LENGTH), 2 * math.pi * at / LENGTH
        for name, wave in (("conv_real", turn.cos()), ("conv_imag", -turn.sin())):
            conv = nn.Conv1d(1, LENGTH // 2 + 1, LENGTH, stride=HOP, bias=False)
            conv.weight.data = (wave * window)[:, None]
            setattr(self.spectrogram_extractor.stft, name, conv)
        self.logmel_extractor = nn.Module()
        self.logmel_extractor.melW = nn.Parameter(torch.rand(LENGTH // 2 + 1, BANDS))
        self.bn0 = nn.BatchNorm2d(BANDS)
        widths = [1, *(2 + number for number in range(blocks))]
        for number in range(blocks):
            block = Block(widths[number], widths[number + 1], kernel)
            setattr(self, f"conv_block{number + 1}", block)
        self.fc1 = nn.Linear(widths[-1], 5)
        self.fc_audioset = nn.Linear(5, CLASSES)
        self.blocks = blocks
        for one in self.modules():
            if isinstance(one, nn.BatchNorm2d):
                one.running_mean.normal_(0, 0.3)
                one.running_var.uniform_(0.5, 2)
                one.weight.data.uniform_(0.5, 2)
                one.bias.data.normal_(1, 0.3)  # so that no number is nothing everywhere
        self.eval()

    @torch.no_grad()
    def forward(self, waves):
        padded = nn.functional.pad(waves[:, None], (LENGTH // 2,) * 2, mode="reflect")
        real, imag = (part(padded) for part in self.spectrogram_extractor.stft.children())
        mel = (real**2 + imag**2).transpose(1, 2) @ self.logmel_extractor.melW
        x = 10 * mel.clamp(min=1e-10).log10()[:, None]
        x = self.bn0(x.transpose(1, 3)).transpose(1, 3)
        for number in range(self.blocks):
            x = getattr(self, f"conv_block{number + 1}")(x, halves=number < 5)
        x = x.mean(dim=3)
        embedding = self.fc1(x.amax(dim=2) + x.mean(dim=2)).relu()
        return self.fc_audioset(embedding).sigmoid(), embedding, x.transpose(1, 2)


def noise(batch=2, seconds=2.0):
    generator = torch.Generator().manual_seed(4)
    return torch.randn(batch, round(RATE * seconds), generator=generator) / 10


@pytest.mark.parametrize(("blocks", "kernel"), [(6, 3), (4, 3), (4, 5)], ids=["14", "10", "6"])
def test_it_says_what_the_same_network_of_modules_says(blocks, kernel):
    plain = Plain(blocks, kernel)
    expert, waves = Panns(plain.state_dict(), ("a", "b", "c")), noise()

    heard = expert.hear(waves)

    assert expert.rate == RATE
    assert (heard.tokens.x.std(dim=1) > 0).all()
    for found, said in zip(
        (heard.scores, heard.embedding, heard.tokens.x), plain(waves), strict=True
    ):
        torch.testing.assert_close(found, said, rtol=1e-4, atol=1e-5)
    assert heard.tokens.real.all()


def test_by_hand():
    """One block that keeps what it sees; band 0 is what stands still, nothing is in band 1."""
    mel = torch.zeros(LENGTH // 2 + 1, 2)
    mel[0, 0] = 1
    kernel = torch.zeros(1, 1, 5, 5)
    kernel[0, 0, 2, 2] = 1
    window = torch.hann_window(LENGTH)
    weights = {
        "spectrogram_extractor.stft.conv_real.weight": window.expand(33, 1, LENGTH),
        "logmel_extractor.melW": mel,
        "conv_block1.conv1.weight": kernel,
        "fc1.weight": torch.tensor([[0.5]]),
        "fc1.bias": torch.tensor([1.0]),
        "fc_audioset.weight": torch.tensor([[0.01], [-0.02]]),
        "fc_audioset.bias": torch.zeros(2),
    }
    for name, width in (("bn0", 2), ("conv_block1.bn1", 1)):
        weights |= {f"{name}.{part}": torch.zeros(width) for part in ("running_mean", "bias")}
        # Such that its root with the small number added is 1.
        weights[f"{name}.running_var"] = torch.full((width,), 1 - 1e-5)
        weights[f"{name}.weight"] = torch.ones(width)

    heard = Panns(weights, ("still", "not")).hear(torch.full((1, 100), 0.5))

    # A Hann window of 64 sums to 32: a power of 16 squared, 24.082 dB; the other band is below 0.
    level = 10 * math.log10(16**2)
    torch.testing.assert_close(heard.tokens.x, torch.full((1, 3, 1), level / 2))
    assert heard.embedding.item() == pytest.approx(0.5 * level + 1, rel=1e-5)
    scores = [1 / (1 + math.exp(-x * (0.5 * level + 1))) for x in (0.01, -0.02)]
    assert heard.scores[0].tolist() == pytest.approx(scores, rel=1e-5)


def test_a_clip_is_heard_the_same_beside_any_other():
    expert, waves = Panns(Plain().state_dict(), ("a", "b", "c")), noise(3)

    together, alone = expert.hear(waves), expert.hear(waves[1:2])

    torch.testing.assert_close(together.scores[1:2], alone.scores)
    torch.testing.assert_close(together.tokens.x[1:2], alone.tokens.x)


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_change_is_heard_most_in_the_tokens_of_its_time(place):
    expert, wave = Panns(Plain(4).state_dict()), noise(1, 4.0)
    other = wave.clone()
    other[:, round((place - 0.02) * 4 * RATE) : round((place + 0.02) * 4 * RATE)] = 0

    changed = (expert.hear(wave).tokens.x - expert.hear(other).tokens.x).abs().sum(dim=2)[0]

    centres = (torch.arange(len(changed)) + 0.5) / len(changed)
    assert centres[changed.argmax()] == pytest.approx(place, abs=0.06)


@pytest.mark.parametrize("samples", [1, 30, 639])
def test_a_short_wave_is_one_token(samples):
    heard = Panns(Plain().state_dict()).hear(noise()[:, :samples])

    assert heard.tokens.x.shape == (2, 1, 7)
    assert heard.tokens.x.isfinite().all()


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_checkpoint_is_read_with_and_without_names(wrapped, tmp_path, monkeypatch):
    plain = Plain()
    # As trainers keep it: the state of their sampler beside the weights.
    kept = {"model": plain.state_dict(), "iteration": 7, "sampler": {"at": np.arange(3)}}
    place = tmp_path / "panns" / "checkpoint.pth"
    place.parent.mkdir()
    torch.save(kept if wrapped else plain.state_dict(), place)
    monkeypatch.setenv("EARMARK_TEACHERS", str(tmp_path))

    nameless = open_expert("panns")
    place.with_name(NAMES).write_text(
        "index,mid,display_name\n0,/m/0,Dog\n1,/m/1,Cat\n2,/m/2,Rain\n"
    )
    named = open_expert("panns")

    scores, embedding, _ = plain(noise())
    assert nameless.names == ()
    assert nameless.hear(noise()).scores is None
    assert named.names == ("Dog", "Cat", "Rain")
    torch.testing.assert_close(named.hear(noise()).scores, scores, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(nameless.hear(noise()).embedding, embedding, rtol=1e-4, atol=1e-5)


class Anything:
    def __reduce__(self):
        return (print, ("code of a checkpoint ran",))


def test_a_checkpoint_runs_no_code(tmp_path, capsys):
    torch.save({"model": Plain().state_dict(), "more": Anything()}, tmp_path / "x.pth")

    with pytest.raises(DataError, match="cannot be read as weights alone") as error:
        open_panns(tmp_path / "x.pth")

    assert len(str(error.value).splitlines()) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut short"])
def test_what_is_no_file_of_torch_is_refused(content, tmp_path):
    (tmp_path / "x.pth").write_bytes(content)

    with pytest.raises(DataError, match="cannot be read as weights alone"):
        open_panns(tmp_path / "x.pth")


@pytest.mark.parametrize("lacking", ["logmel_extractor.melW", "conv_block1.conv1.weight"])
def test_another_network_is_refused_by_what_it_lacks(lacking, tmp_path):
    weights = {name: one for name, one in Plain().state_dict().items() if name != lacking}
    torch.save({"model": weights}, tmp_path / "x.pth")

    with pytest.raises(DataError, match=f"it has no {lacking}") as error:
        open_panns(tmp_path / "x.pth")

    assert len(str(error.value).splitlines()) == 2
