import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")
pytest.importorskip(
    "ai_edge_litert", reason="YAMNet needs ai-edge-litert: pip install 'earmark[experts]'"
)

from earmark.lab.experts.yamnet import YamNet, cut
from lab.experts.real import data_file

torch.set_num_threads(1)


@pytest.mark.parametrize(
    ("samples", "windows"),
    [(100, 1), (15_600, 1), (15_601, 2), (23_280, 2), (23_281, 3), (80_000, 10)],
)
def test_windows_cover_every_sample(samples, windows):
    assert cut(torch.zeros(3, samples)).shape == (3, windows, 15_600)


def test_a_window_every_0_48_s_and_zeros_after_the_end():
    ramp = torch.arange(1, 20_001.0)[None]

    first, second = cut(ramp)[0]

    assert (first[0], first[-1]) == (1, 15_600)
    assert (second[0], second[12_319], second[12_320]) == (7_681, 20_000, 0)


def test_a_tone_then_noise_is_heard_window_by_window():
    expert = YamNet(data_file("yamnet.tflite"))
    time = torch.arange(32_000) / 16_000
    wave = torch.sin(2 * torch.pi * 1000 * time) / 3
    noise = torch.randn(32_000, generator=torch.Generator().manual_seed(1)) / 10

    scores, embeddings = expert.windows(torch.cat([wave, noise])[None])
    heard = expert.hear(torch.stack([torch.cat([wave, noise]), torch.cat([noise, wave])]))

    assert expert.names[scores[0, 0].argmax()] == "Beep, bleep"
    assert scores[0, 0].argmax() != scores[0, -1].argmax()
    assert embeddings.shape == (1, 8, 1024)
    torch.testing.assert_close(heard.tokens.x[0], embeddings[0])
    torch.testing.assert_close(heard.scores[0], scores[0].mean(dim=0))
    torch.testing.assert_close(heard.embedding[0], embeddings[0].mean(dim=0))
    assert heard.tokens.real.all()


def test_levels_are_means_over_the_maps_of_a_window():
    waves = torch.randn(2, 40_000, generator=torch.Generator().manual_seed(2)) / 10
    path = data_file("yamnet.tflite")

    plain, found = YamNet(path).hear(waves), YamNet(path, 2).hear(waves)

    assert torch.equal(found.tokens.x, plain.tokens.x)
    assert plain.tokens.levels == ()
    assert [one.shape for one in found.tokens.levels] == [(2, 5, 256), (2, 5, 512)]
    low, high = found.tokens.levels
    assert (low >= 0).all()  # after the bend of each layer
    assert (high >= 0).all()
    torch.testing.assert_close(YamNet(path, 1).hear(waves[:1]).tokens.levels[0], high[:1])
