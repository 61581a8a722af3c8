"""A tiny folder of every layout, with the rows that it must give, worked out by hand."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from audio.tars import write_tar
from data.wavs import wav_bytes, write_table, write_wav


@dataclass(frozen=True)
class Example:
    """How to make the folder, where its main table is, and what its rows are."""

    make: Callable[[Path], Path]
    table: str  # the file without which it is no folder of this layout
    sound: str  # one of its audio files
    rows: tuple[tuple[str, tuple[str, ...], str, str], ...]  # audio, captions, split, recording


def _manifest(root: Path) -> Path:
    write_wav(root / "a" / "rain.wav")
    write_wav(root / "dog.wav")
    lines = (
        ("a/rain.wav", "rain on a roof", "", "", "train"),
        ("dog.wav", "a dog barking", "0.5", "2", "test"),
        ("a/rain.wav", "heavy rain, close", "", "", "train"),
        ("dog.wav", "silence", "2", "3.25", "test"),
    )
    return write_table(root / "my.csv", "path,caption,start,end,split", *lines)


def _clips(root: Path) -> Path:
    header = "path,role,use,label,caption,source,freesound_id"
    lines = (
        ("s/1.wav", "train", "free", "wind", "wind blows | strong wind", "s", "4"),
        ("s/2.wav", "train", "nc", "owl", "an owl", "s", ""),
        ("t/3.wav", "check", "free", "", "", "t", "77"),
    )
    write_table(root / "clips.csv", header, *lines)
    for name in ("s/1.wav", "s/2.wav", "t/3.wav"):
        write_wav(root / "audio" / name)
    return root


def _scenes(root: Path) -> Path:
    scene = {
        "id": "s7",
        "audio": "audio/s7.wav",
        "split": "test",
        "captions": [{"text": "a bell, then rain"}, {"text": "rain after a bell"}],
    }
    write_wav(root / "audio" / "s7.wav")
    (root / "scenes.jsonl").write_text(json.dumps(scene) + "\n", encoding="utf-8")
    return root


def _clotho(root: Path) -> Path:
    captions = "file_name,caption_1,caption_2,caption_3"
    write_table(
        root / "clotho_captions_development.csv",
        captions,
        ("Rain (1).wav", "Rain falls.", "It rains, hard.", ""),
    )
    write_table(root / "clotho_captions_evaluation.csv", captions, ("Bell.wav", "A", "B", "C"))
    write_table(
        root / "clotho_metadata_development.csv",
        "file_name,keywords,sound_id",
        ("Rain (1).wav", "rain", "321"),
    )
    write_wav(root / "development" / "Rain (1).wav")
    write_wav(root / "clotho_audio_evaluation" / "evaluation" / "Bell.wav")
    return root


def _audiocaps(root: Path) -> Path:
    header = "audiocap_id,youtube_id,start_time,caption"
    write_table(
        root / "train.csv",
        header,
        (1, "-abcdefghij", 30, "A man speaks"),
        (2, "gonegonegon", 0, "Wind"),
        (3, "sssssssssss", 5, "Rain"),
    )
    write_table(
        root / "dataset" / "test.csv",
        header,
        (7, "ttttttttttt", 10, "A cat"),
        (8, "ttttttttttt", 10, "A cat meows"),
    )
    write_wav(root / "train" / "Y-abcdefghij.wav")
    write_wav(root / "sssssssssss_5.wav")
    write_wav(root / "audio" / "test" / "8.wav")
    return root


def _castella(root: Path) -> Path:
    dog = {"local_caption": "A dog barks", "timestamps": [[40, 42], [3, 5], [7, 7]]}
    nothing = {"local_caption": "A door", "timestamps": [[8, 8]]}  # has no length: not asked
    rain = {"local_caption": "It  rains, hard", "timestamps": [[0, 62]]}
    wind = {"local_caption": "Wind", "timestamps": [[1.5, 2]]}
    test = [
        {"yid": "-abcdefghij", "duration": 61, "moments": [dog, nothing, rain]},
        {"yid": "sssssssssss", "duration": 60, "moments": []},
        {"yid": "gonegonegon", "duration": 60, "moments": [wind]},
    ]
    train = {
        "qid": "7", "query": "A cat", "vid": "city_0", "duration": 60.0,
        "relevant_windows": [[2.5, 9.0]],
    }  # fmt: skip
    (root / "json" / "en").mkdir(parents=True)
    (root / "json" / "en" / "test.json").write_text(json.dumps(test), encoding="utf-8")
    (root / "set_train_release.jsonl").write_text(json.dumps(train) + "\n", encoding="utf-8")
    write_wav(root / "audio" / "-abcdefghij.wav")
    write_wav(root / "train" / "city_0.wav")
    return root


def _esc50(root: Path) -> Path:
    header = "filename,fold,target,category,esc10,src_file,take"
    write_table(
        root / "meta" / "esc50.csv",
        header,
        ("1-100032-A-0.wav", 1, 0, "dog", True, 100032, "A"),
        ("5-9-B-21.wav", 5, 21, "crying_baby", False, 9, "B"),
    )
    write_wav(root / "audio" / "1-100032-A-0.wav")
    write_wav(root / "audio" / "5-9-B-21.wav")
    return root


def _urbansound8k(root: Path) -> Path:
    header = "slice_file_name,fsID,start,end,salience,fold,classID,class"
    write_table(
        root / "metadata" / "UrbanSound8K.csv",
        header,
        ("100032-3-0-0.wav", 100032, 0.0, 0.317551, 1, 5, 3, "dog_bark"),
        ("6-0-0-2.wav", 6, 1, 5, 2, 10, 0, "air_conditioner"),
    )
    write_wav(root / "audio" / "fold5" / "100032-3-0-0.wav")
    write_wav(root / "audio" / "fold10" / "6-0-0-2.wav")
    return root


def _folder(root: Path) -> Path:
    write_wav(root / "DogBark" / "x" / "1.WAV")
    write_wav(root / "rain_heavy" / "123__joe__rain-on-tin.wav")
    (root / "rain_heavy" / "notes.txt").write_text("not a sound", encoding="utf-8")
    return root


def _shards(root: Path) -> Path:
    rain = {"caption": "rain", "captions": ["heavy  rain", "rain"], "recording": "youtube:r"}
    first = {
        "a/rain.json": json.dumps(rain).encode(),
        "a/rain.wav": wav_bytes(),
        "dog.txt": b"a dog\n\nit barks \n",
        "dog.left.wav": wav_bytes(),
    }
    second = {
        "./123__joe__rain-on-tin.WAV": wav_bytes(),
        "./123__joe__rain-on-tin.json": b'{"text": "tin", "split": "val"}',
        "dog.txt": b"another dog",
        "dog.wav": wav_bytes(),
    }
    write_tar(root / "train-007.tar", first)
    write_tar(root / "test" / "0.tar", second)
    return root


EXAMPLES = {
    "manifest": Example(
        _manifest,
        "my.csv",
        "dog.wav",
        (
            ("a/rain.wav", ("rain on a roof", "heavy rain, close"), "train", "a/rain.wav"),
            ("dog.wav", ("a dog barking",), "test", "dog.wav"),
            ("dog.wav", ("silence",), "test", "dog.wav"),
        ),
    ),
    "clips": Example(
        _clips,
        "clips.csv",
        "audio/s/1.wav",
        (
            ("audio/s/1.wav", ("wind blows", "strong wind"), "train", "freesound:4"),
            ("audio/s/2.wav", ("an owl",), "train", "s/2.wav"),
            ("audio/t/3.wav", (), "check", "freesound:77"),
        ),
    ),
    "scenes": Example(
        _scenes,
        "scenes.jsonl",
        "audio/s7.wav",
        (("audio/s7.wav", ("a bell, then rain", "rain after a bell"), "test", "s7"),),
    ),
    "clotho": Example(
        _clotho,
        "clotho_captions_development.csv",
        "development/Rain (1).wav",
        (
            (
                "development/Rain (1).wav",
                ("Rain falls.", "It rains, hard."),
                "development",
                "freesound:321",
            ),
            (
                "clotho_audio_evaluation/evaluation/Bell.wav",
                ("A", "B", "C"),
                "evaluation",
                "clotho:Bell.wav",
            ),
        ),
    ),
    "audiocaps": Example(
        _audiocaps,
        "train.csv",
        "train/Y-abcdefghij.wav",
        (
            ("train/Y-abcdefghij.wav", ("A man speaks",), "train", "youtube:-abcdefghij"),
            ("sssssssssss_5.wav", ("Rain",), "train", "youtube:sssssssssss"),
            ("audio/test/8.wav", ("A cat", "A cat meows"), "test", "youtube:ttttttttttt"),
        ),
    ),
    "castella": Example(
        _castella,
        "json/en/test.json",
        "train/city_0.wav",
        (
            ("train/city_0.wav", ("A cat",), "train", "city_0"),
            ("audio/-abcdefghij.wav", ("A dog barks",), "test", "youtube:-abcdefghij"),
            ("audio/-abcdefghij.wav", ("A dog barks",), "test", "youtube:-abcdefghij"),
            ("audio/-abcdefghij.wav", ("It rains, hard",), "test", "youtube:-abcdefghij"),
        ),
    ),
    "esc50": Example(
        _esc50,
        "meta/esc50.csv",
        "audio/5-9-B-21.wav",
        (
            ("audio/1-100032-A-0.wav", ("dog",), "fold1", "freesound:100032"),
            ("audio/5-9-B-21.wav", ("crying baby",), "fold5", "freesound:9"),
        ),
    ),
    "urbansound8k": Example(
        _urbansound8k,
        "metadata/UrbanSound8K.csv",
        "audio/fold10/6-0-0-2.wav",
        (
            ("audio/fold5/100032-3-0-0.wav", ("dog bark",), "fold5", "freesound:100032"),
            ("audio/fold10/6-0-0-2.wav", ("air conditioner",), "fold10", "freesound:6"),
        ),
    ),
    "folder": Example(
        _folder,
        "",
        "DogBark/x/1.WAV",
        (
            ("DogBark/x/1.WAV", ("dog bark",), "", "DogBark/x/1.WAV"),
            ("rain_heavy/123__joe__rain-on-tin.wav", ("rain heavy",), "", "freesound:123"),
        ),
    ),
    "shards": Example(
        _shards,
        "",
        "train-007.tar/dog.left.wav",
        (
            (
                "test/0.tar/123__joe__rain-on-tin.WAV",
                ("tin",),
                "val",
                "freesound:123",
            ),
            ("test/0.tar/dog.wav", ("another dog",), "test", "test/0.tar/dog.wav"),
            ("train-007.tar/a/rain.wav", ("rain", "heavy rain"), "train", "youtube:r"),
            (
                "train-007.tar/dog.left.wav",
                ("a dog", "it barks"),
                "train",
                "train-007.tar/dog.left.wav",
            ),
        ),
    ),
}
