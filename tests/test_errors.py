"""Every error is two lines: what is wrong, what to do."""

import pytest

from earmark.errors import AudioError, DataError, EarmarkError, MissingExtraError, UsageError


@pytest.mark.parametrize("kind", [EarmarkError, UsageError, DataError, MissingExtraError])
def test_an_error_is_two_lines(kind):
    error = kind("the folder is empty", hint="name another")

    assert str(error) == "the folder is empty\nname another"
    assert (error.problem, error.hint) == ("the folder is empty", "name another")


def test_an_audio_error_names_its_file():
    error = AudioError("a/b.wav", "it is empty", hint="copy it again")

    assert str(error) == "a/b.wav: it is empty\ncopy it again"
    assert (error.path, error.reason) == ("a/b.wav", "it is empty")


def test_exit_codes_tell_wrong_use_from_failure():
    assert EarmarkError.exit_code == AudioError.exit_code == DataError.exit_code == 3
    assert UsageError.exit_code == 2
