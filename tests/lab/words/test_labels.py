"""Labels that people gave to the recording of a caption."""

import pytest

from data.wavs import write_table
from earmark.errors import DataError
from earmark.lab.words.labels import LABELLED, labels_of

CLASSES = ("Speech", "Dog", "Rain")


@pytest.fixture
def data(tmp_path):
    write_table(
        tmp_path / "text" / "audiocaps" / "audioset_labels.csv",
        "youtube_id,start_time,caption,labels",
        ("a", 0, "A dog and rain", "Dog | Rain | Bathroom"),
        ("b", 0, "Somebody talks", "Speech"),
    )
    return tmp_path


def test_each_label_has_an_equal_share_and_unknown_ones_none(data):
    labels = labels_of([LABELLED], data, CLASSES)

    found = labels.of(["a DOG and rain", "somebody talks", "nothing of the sort"])

    assert found.tolist() == [[0, 0.5, 0.5], [1, 0, 0], [0, 0, 0]]


def test_where_the_source_is_not_named_nothing_is_labelled(data):
    assert not labels_of(["phrases"], data, CLASSES).of(["a dog and rain"]).any()


def test_a_missing_table_is_told(tmp_path):
    with pytest.raises(DataError, match=r"audioset_labels.csv"):
        labels_of([LABELLED], tmp_path, CLASSES)
