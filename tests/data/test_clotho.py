import pytest

from data.layouts import EXAMPLES
from data.wavs import write_table, write_wav
from earmark.data import clotho, open_data
from earmark.errors import DataError


@pytest.mark.parametrize("count", [1, 5, 7])
def test_there_are_as_many_captions_as_columns(count, tmp_path):
    header = ",".join(["file_name", *(f"caption_{n + 1}" for n in range(count))])
    texts = [f"text {n}" for n in range(count)]
    write_table(tmp_path / "clotho_captions_validation.csv", header, ["a.wav", *texts])
    write_wav(tmp_path / "clotho_audio_validation" / "a.wav")

    (row,) = clotho.read(tmp_path)

    assert row.captions == tuple(texts)


def test_captions_without_their_sound_are_refused_with_what_to_unpack(tmp_path):
    place = EXAMPLES["clotho"].make(tmp_path)
    (place / "development").rename(place / "dev")

    with pytest.raises(DataError, match="1 of 2 audio files are not there") as caught:
        open_data(f"clotho:{place}")

    assert "clotho_audio_SPLIT.7z" in caught.value.hint
    assert [row.split for row in open_data(f"clotho:{place}#evaluation")] == ["evaluation"]


def test_metadata_in_latin_1_and_unknown_numbers_do_no_harm(tmp_path):
    lines = (["ä.wav", "x"], ["b.wav", "y"])
    write_table(tmp_path / "clotho_captions_evaluation.csv", "file_name,caption_1", *lines)
    metadata = "file_name,sound_id,keywords\nä.wav,12,grün\nb.wav,Not found,\n"
    (tmp_path / "clotho_metadata_evaluation.csv").write_bytes(metadata.encode("latin-1"))
    write_wav(tmp_path / "evaluation" / "ä.wav")
    write_wav(tmp_path / "evaluation" / "b.wav")

    rows = clotho.read(tmp_path)

    assert [row.recording for row in rows] == ["freesound:12", "clotho:b.wav"]


@pytest.mark.parametrize("name", ["val", "development-validation"])
def test_the_validation_split_has_other_names(name, tmp_path):
    write_table(tmp_path / "clotho_captions_validation.csv", "file_name,caption_1", ["a.wav", "x"])
    write_wav(tmp_path / "validation" / "a.wav")

    (row,) = open_data(f"{tmp_path}#{name}")

    assert row.split == "validation"
