"""Captions as a stream: whose they are, what is padding, and what a sound must not be shown."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'earmark[lab]'")

from earmark.lab.captioners.written import NONE, Written
from earmark.lab.features.captioned import Captioned
from earmark.lab.features.kept import told
from earmark.lab.features.towers import Tokens

CPU = torch.device("cpu")
TEXTS = ("ab", "cde", "f")
OF = np.array([[0, 1], [2, NONE], [NONE, NONE], [1, 2]])
ASKED = ("xyz", "A B", "F!", "ab")  # the last one is a caption, the third one too but for marks


class Letters:
    """A token a letter: its number."""

    name, key = "letters", "x"

    def read(self, sentence):
        x = np.array([[ord(letter)] for letter in sentence], np.float32)
        return Tokens(x, np.ones(len(x), np.float32), np.arange(len(x), dtype=np.float32))


@pytest.fixture
def captions(tmp_path):
    tokens = told(TEXTS, Letters(), 8, tmp_path, lambda share: None)
    return Captioned(Written(TEXTS, OF), tokens, ASKED)


def test_captions_of_a_sound_stand_one_behind_the_other(captions):
    found = captions.beside(OF, CPU)

    letters = [
        "".join(chr(int(one)) for one in row[real])
        for row, real in zip(found.x[..., 0].numpy(), found.real.numpy(), strict=True)
    ]
    assert letters == ["abcde", "f", "", "cdef"]
    assert found.x.shape == (4, 2 * 3, 1)  # as long as the longest one of these
    assert captions.width == 1


def test_a_sound_without_any_has_nothing_that_is_real(captions):
    found = captions.beside(OF[2:3], CPU)

    assert found.x.shape == (1, 2, 1)
    assert not found.real.any()


def test_a_caption_is_read_as_a_sentence(captions):
    found = captions.read(np.array([2, 0]), CPU)

    assert found.x[0, 0, 0] == ord("f")
    assert found.real.sum(dim=1).tolist() == [1, 2]


def test_a_sound_is_not_shown_the_sentence_that_it_is_asked_with(captions):
    nothing = np.full(4, NONE)

    shown = captions.shown(np.array([0, 1, 2, 3]), np.array([3, 2, 3, 0]), nothing)

    assert shown.tolist() == [[NONE, 1], [NONE, NONE], [NONE, NONE], [1, 2]]


def test_a_sentence_that_is_no_caption_hides_none(captions):
    shown = captions.shown(np.arange(4), np.zeros(4, int), np.full(4, NONE))

    assert shown.tolist() == OF.tolist()


def test_a_sound_that_is_asked_with_a_caption_of_its_own_has_none(captions):
    written = np.array([1, NONE, NONE, NONE])

    shown = captions.shown(np.arange(4), np.zeros(4, int), written)

    assert shown.tolist() == [[NONE, NONE], *OF[1:].tolist()]
