import json
import tomllib
from pathlib import Path

import pytest

from data.wavs import write_table
from earmark.errors import DataError, UsageError
from earmark.lab.words import sources
from earmark.lab.words.clean import is_sentence
from earmark.lab.words.corpus import CLIPS
from earmark.lab.words.sources import SOURCES, phrases, source
from earmark.scenes import bank_from_kinds
from earmark.scenes.templates import RULES

RECIPE = Path(__file__).parents[3] / "recipes" / "earmark-small-words.toml"
CC = "http://creativecommons.org/licenses"


def page(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


UCS = {
    "Category": "AIR",
    "SubCategory": "BURST",
    "Explanations": "Sharp air releases.",
    "Synonyms": ["pop", "rush"],
}
ONTOLOGY = [
    {"name": "Bow-wow", "description": "What a dog says. Often at night."},
    {"name": "Dog", "description": ""},
]
VU = (
    ("Rain falls. I was there.", "rain_03.wav", "rain wet drop roof tin loud", f"{CC}/by/3.0/"),
    ("A bell.", "Bell", "", "http://creativecommons.org/publicdomain/zero/1.0/"),
    ("Not to be read", "never", "never", f"{CC}/by-nc/3.0/"),
    ("Nor this", "nor", "nor", f"{CC}/sampling+/1.0/"),
)
SOUNDBIBLE = {"data": [{"title": "Plane Landing", "caption": "An airplane is landing."}]}

# What each file holds, and what is read of it.
EXAMPLES = {
    "audiocaps": (
        write_table,
        ("audiocap_id,caption", ("1", "A  dog barks"), ("2", "a dog barks"), ("3", "rain, then")),
        ["A dog barks", "rain, then"],
    ),
    "audiocaps_labels": (write_table, ("caption,labels", ("a dog", "Dog")), ["a dog"]),
    "castella": (write_table, ("text,split", ("wind", "train"), ("rain", "val")), ["wind"]),
    "ucs": (page, ([UCS],), ["air burst", "Sharp air releases.", "pop", "rush"]),
    "audioset": (page, (ONTOLOGY,), ["Bow-wow", "What a dog says.", "Dog"]),
    "vggsound": (write_table, ("text,labels", ("goose honking", "animals")), ["goose honking"]),
    "freesound_terms": (write_table, ("text,count", ("wind", "9"), ("707", "3")), ["wind"]),
    "vu_sound_corpus": (
        write_table,
        ("text,title,tags,licence", *VU),
        ["rain", "Rain falls.", "rain wet drop roof tin", "Bell", "A bell."],
    ),
    "fsd50k_titles": (write_table, ("text,id", ("doorSlam_2", "7"), ("B4", "8")), ["door Slam"]),
    "clotho": (write_table, ("fname,raw_text,text", ("a", "The TV.", "the tv")), ["The TV."]),
    "clotho_freesound_titles": (
        write_table,
        (
            "text,tags,split",
            ("Frogs_1", "frog;pond;a;b;c;d", "development"),
            ("no", "no", "validation"),
        ),
        ["Frogs", "frog pond a b c"],
    ),
    "bbc_sound_effects": (write_table, ("text,id", ("Two engines.", "1")), ["Two engines."]),
    "soundbible": (page, (SOUNDBIBLE,), ["Plane Landing", "An airplane is landing."]),
    "epic_sounds": (write_table, ("text,count", ("cut / chop", "8")), ["cut / chop"]),
}
OUTSIDE = [name for name, row in SOURCES.items() if row.file]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_source_reads_its_file(name, tmp_path):
    write, content, wanted = EXAMPLES[name]
    write(tmp_path / SOURCES[name].file, *content)

    assert source(name).read(tmp_path) == wanted


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_missing_file_is_named_with_what_it_is_and_where_it_comes_from(name, tmp_path):
    row = SOURCES[name]

    with pytest.raises(DataError) as caught:
        row.read(tmp_path)

    assert str(tmp_path / row.file) in caught.value.problem
    assert row.what in caught.value.problem
    assert row.home in caught.value.hint
    assert str(caught.value).count("\n") == 1


@pytest.mark.parametrize(
    "text", ["[1]", '{"name": 1}', "no json", '[{"name": "x"}]', '"x"', '{"data": []}']
)
def test_json_of_another_shape_is_refused(text, tmp_path):
    path = tmp_path / SOURCES["audioset"].file
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DataError, match=r"ontology\.json is not"):
        source("audioset").read(tmp_path)


def test_an_unknown_source_is_refused_with_the_nearest_that_is_known():
    with pytest.raises(UsageError, match="did you mean 'audiocaps'"):
        source("audiocap")


def test_every_row_says_under_which_licence_it_came():
    assert all(row.licence and row.what and row.home for row in SOURCES.values())


def test_what_may_not_be_commercial_is_not_free():
    bound = ("academic", "research", "NC")

    for row in SOURCES.values():
        assert row.free != any(word in row.licence for word in bound), row.what


def test_the_packaged_model_reads_free_sources_alone():
    names = tomllib.loads(RECIPE.read_text(encoding="utf-8"))["data"]["sentences"]

    assert CLIPS in names
    assert all(SOURCES[name].free for name in names if name != CLIPS)


def test_our_own_phrases_are_sentences_that_stand_under_one_class_once():
    for name, some in phrases().items():
        assert name == name.strip() != ""
        assert all(is_sentence(phrase) for phrase in some), name
        assert len(set(some)) == len(some) > 1, name


def test_phrases_keep_their_commas(tmp_path):
    assert "a man is speaking" in phrases()["Male speech, man speaking"]
    assert "a man is speaking" in source("phrases").read(tmp_path)


def test_phrases_that_scenes_keep_for_testing_are_not_learned(tmp_path):
    bank = bank_from_kinds(takes=1)
    learned = source("kinds").read(tmp_path)
    kept = {phrase for label in bank.by_label for phrase in bank.phrases(label, test=True)}
    shared = {phrase for label in bank.by_label for phrase in bank.phrases(label)}

    assert {"dog bark", "a helicopter flying"} <= set(learned)
    assert not (kept - shared) & set(learned)


def test_scenes_are_put_into_words_of_training_without_a_sound(monkeypatch, tmp_path):
    monkeypatch.setattr(sources, "SCENES", 60)
    monkeypatch.setattr("earmark.scenes.from_kinds.make", None)  # whoever calls it fails

    captions = source("scenes").read(tmp_path)

    assert 200 < len(captions) <= 240
    assert captions == source("scenes").read(tmp_path)
    starts = {text.partition("{")[0] for rule in RULES.values() for text in rule.test}
    openings = tuple(start for start in starts if len(start) > 8)
    assert not [text for text in captions if text.lower().startswith(openings)]


def test_scenes_to_learn_from_are_not_those_of_small_seeds(monkeypatch, tmp_path):
    seen, draw = [], sources.draw_scene

    def drawn(bank, plan, *, seed):
        seen.append(seed)
        return draw(bank, plan, seed=seed)

    monkeypatch.setattr(sources, "SCENES", 3)
    monkeypatch.setattr(sources, "draw_scene", drawn)

    source("scenes").read(tmp_path)

    assert seen == [1_000_000, 1_000_001, 1_000_002]
