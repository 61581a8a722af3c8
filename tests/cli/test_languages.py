"""Other languages at the command line, with the packaged model and its reader."""

import pytest

from cli.shelf import SOUNDS
from earmark.cli.main import main

RAIN, DOGS, SIREN, PIANO, CLOCK, VACUUM = SOUNDS


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("ein Hund bellt", DOGS),
        ("il pleut sur le toit", RAIN),
        ("犬が吠えている", DOGS),
        ("zegar tyka", CLOCK),
        ("un perro barking", DOGS),
    ],
)
def test_the_sound_is_found_in_any_of_the_languages(here, capsys, words, name):
    assert main(["search", words, "--all", "--format", "csv"]) == 0

    assert name in capsys.readouterr().out.splitlines()[1]


def test_explain_says_what_it_was_read_as(here, capsys):
    main(["search", "ein Hund bellt", "--explain", "--all"])
    german = capsys.readouterr().out
    main(["search", "a dog barks", "--explain", "--all"])
    english = capsys.readouterr().out

    assert "'ein Hund bellt' is read as de (" in german
    assert "is read as" not in english


def test_letters_of_no_known_language_are_told(here, capsys):
    main(["search", "βροχή", "--all"])

    assert "knows no language with the letters of 'βροχή'" in capsys.readouterr().err


def test_english_with_names_and_slips_is_no_other_language(here, capsys):
    for words in ("a dgo barks in Reykjavik", "rainn on a roof"):
        main(["search", words, "--explain", "--all"])
        assert "is read as" not in capsys.readouterr().out
