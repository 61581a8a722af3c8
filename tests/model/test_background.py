"""The bank of a bundle comes back as it was; it goes with a calibration, and neither alone."""

import io
from dataclasses import replace

import numpy as np
import pytest

from earmark.errors import EarmarkError
from earmark.library.nouns import Identity
from earmark.model.background import BYTES, background_bytes, read_background
from earmark.model.bundle import read_bundle, write_bundle
from earmark.model.model import Model
from earmark.model.page import BACKGROUND
from model.tiny import PAGE, WIDTH, contents_of, rewrite, write_tiny


def unit(count, width=WIDTH, seed=1):
    vectors = np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def calibrated(folder):
    contents = contents_of(PAGE) | {BACKGROUND: background_bytes(unit(9))}
    return write_bundle(folder, replace(PAGE, calibration={"any": 1}), contents)


def test_a_vector_is_kept_in_127_steps_of_its_largest_number():
    told = np.tile(np.array([[0.6, -0.8, 0, 0, 0, 0]], np.float32), (8, 1))

    found = read_background(background_bytes(told), WIDTH)

    # 0.6 / 0.8 * 127 = 95.25 is kept as 95, and then all is brought to unit length.
    wanted = np.array([95, -127]) / np.hypot(95, 127)
    np.testing.assert_allclose(found[0, :2], wanted, rtol=1e-6)


def test_what_was_read_is_written_as_the_same_numbers():
    first = read_background(background_bytes(unit(20)), WIDTH)

    np.testing.assert_allclose(
        read_background(background_bytes(first), WIDTH), first, rtol=1e-6, atol=1e-7
    )
    assert background_bytes(first) == background_bytes(first)


def test_a_bank_of_512_is_small():
    assert len(background_bytes(unit(512, 256))) <= BYTES


def test_a_model_gives_its_bank_or_none(tmp_path):
    write_tiny(tmp_path / "plain")
    calibrated(tmp_path / "full")

    assert Model.load(tmp_path / "plain").background is None
    assert Model.load(tmp_path / "full").background.shape == (9, WIDTH)


def test_a_calibration_changes_no_vector_so_a_library_stays_open(tmp_path):
    write_tiny(tmp_path / "plain")
    calibrated(tmp_path / "full")

    pages = [read_bundle(tmp_path / name).page for name in ("plain", "full")]

    assert Identity.of(pages[0]) == Identity.of(pages[1])


@pytest.mark.parametrize("without", ["calibration", BACKGROUND])
def test_one_without_the_other_is_refused(tmp_path, without):
    page = calibrated(tmp_path / "b").page
    if without == "calibration":
        rewrite(tmp_path / "b", calibration=None)
    else:
        rewrite(tmp_path / "b", files={k: v for k, v in page.files.items() if k != BACKGROUND})

    with pytest.raises(EarmarkError, match=f"without (a )?{without}") as caught:
        read_bundle(tmp_path / "b")
    assert len(str(caught.value).splitlines()) == 2


def packed(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK and nothing",
        background_bytes(unit(9))[:-40],
        packed(gists=np.ones((9, WIDTH), np.int8)),
        packed(gists=np.ones((9, WIDTH + 1), np.int8), scales=np.ones(9)),
        packed(gists=np.ones((9, WIDTH), np.int8), scales=np.ones(8)),
        packed(gists=np.ones((3, WIDTH), np.int8), scales=np.ones(3)),
        packed(gists=np.zeros((9, WIDTH), np.int8), scales=np.ones(9)),
        packed(gists=np.ones((9, WIDTH), np.int8), scales=np.full(9, np.nan)),
    ],
)
def test_what_is_no_bank_is_two_lines(content):
    with pytest.raises(EarmarkError, match=BACKGROUND) as caught:
        read_background(content, WIDTH)
    assert len(str(caught.value).splitlines()) == 2
