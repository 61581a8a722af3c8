"""A bundle is read as it was written, or refused with what is wrong; nothing is written over."""

import json

import pytest

from earmark.errors import EarmarkError, UsageError
from earmark.model import bundle as format_of
from earmark.model.bundle import open_bundle, read_bundle, write_bundle
from model.tiny import EARS, PAGE, contents_of, rewrite, write_tiny


@pytest.fixture
def folder(tmp_path):
    write_tiny(tmp_path / "tiny")
    return tmp_path / "tiny"


def refusal(folder):
    with pytest.raises(EarmarkError) as caught:
        read_bundle(folder)
    assert len(str(caught.value).splitlines()) == 2
    return str(caught.value)


def test_a_bundle_holds_what_was_written(tmp_path):
    contents = contents_of(PAGE)

    written = write_bundle(tmp_path / "tiny", PAGE, contents)
    bundle = read_bundle(tmp_path / "tiny")

    assert bundle == written
    assert {name: bundle.content(name) for name in bundle.page.files} == contents
    assert bundle.bytes == sum(file.stat().st_size for file in (tmp_path / "tiny").iterdir())


def test_the_same_contents_make_the_same_bytes(tmp_path):
    write_tiny(tmp_path / "one")
    write_tiny(tmp_path / "two")

    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


@pytest.mark.parametrize("name", PAGE.needed)
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()

    assert f"{name} is missing" in refusal(folder)


@pytest.mark.parametrize("name", PAGE.needed)
@pytest.mark.parametrize("at", [0, -1])
def test_one_changed_byte_is_found(folder, name, at):
    content = bytearray((folder / name).read_bytes())
    content[at] ^= 1
    (folder / name).write_bytes(content)

    assert f"{name} is not the file it was made with" in refusal(folder)


def test_a_file_cut_short_is_found(folder):
    content = (folder / "audio.onnx").read_bytes()
    (folder / "audio.onnx").write_bytes(content[:-1])

    assert "audio.onnx is not the file it was made with" in refusal(folder)


def test_opening_leaves_a_changed_file_to_whoever_uses_it(folder):
    (folder / "audio.onnx").write_bytes(b"something else")
    bundle = open_bundle(folder)

    assert bundle.content("text.onnx") == contents_of(PAGE)["text.onnx"]
    with pytest.raises(EarmarkError, match=r"audio\.onnx is not the file it was made with"):
        bundle.content("audio.onnx")


def test_more_files_than_named_are_no_fault(folder):
    (folder / "notes.txt").write_text("mine")

    assert read_bundle(folder).page.name == "tiny"


def test_a_folder_of_something_else_is_no_bundle(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "clap"}')

    assert "is no bundle: there is no bundle.json in it" in refusal(tmp_path)


def test_a_page_of_something_else_is_no_bundle(folder):
    (folder / "bundle.json").write_text('{"name": "a JavaScript bundle"}')

    assert "no page of an earmark bundle" in refusal(folder)


@pytest.mark.parametrize("version", [2, "1", None])
def test_another_version_of_the_format_is_refused_with_what_to_do(folder, version):
    rewrite(folder, version=version)

    said = refusal(folder)
    assert f"it has format version {version}, this earmark reads 1" in said
    assert "pip install --upgrade earmark" in said


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}", b"[1]"])
def test_a_page_that_cannot_be_read_is_two_lines(folder, content):
    (folder / "bundle.json").write_bytes(content)

    assert "bundle.json: " in refusal(folder)


def test_a_page_that_leaves_out_a_needed_file_is_refused(folder):
    files = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["files"]
    del files["golden.npz"]
    rewrite(folder, files=files)

    assert "golden.npz is not among them" in refusal(folder)


def test_a_page_cannot_name_a_file_elsewhere(folder):
    files = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))["files"]
    rewrite(folder, files=files | {"../secret": "0" * 64})

    assert "the file name '../secret'" in refusal(folder)


@pytest.mark.parametrize("name", ["none", "file"])
def test_what_is_no_folder_is_refused(tmp_path, name):
    (tmp_path / "file").write_text("x")

    said = refusal(tmp_path / name)
    assert "name a folder that holds a bundle.json" in said


def test_a_folder_in_the_place_of_a_file_is_two_lines(folder):
    (folder / "audio.onnx").unlink()
    (folder / "audio.onnx").mkdir()

    assert "audio.onnx: " in refusal(folder)


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_nothing_is_written_over(tmp_path, kind):
    place = tmp_path / "tiny"
    place.mkdir() if kind == "folder" else place.write_text("mine")

    with pytest.raises(UsageError, match="is there already"):
        write_tiny(place)

    assert [file.name for file in tmp_path.rglob("*")] == ["tiny"]


def test_a_bundle_in_no_folder_is_refused(tmp_path):
    with pytest.raises(UsageError, match="is not a folder"):
        write_tiny(tmp_path / "no" / "tiny")


def test_what_goes_wrong_while_writing_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(format_of, "read_bundle", full)

    with pytest.raises(EarmarkError, match="could not be written: No space left"):
        write_tiny(tmp_path / "tiny")

    assert not list(tmp_path.iterdir())


def test_a_bundle_without_a_needed_file_is_not_written(tmp_path):
    contents = contents_of(EARS)
    del contents["README.md"]

    with pytest.raises(EarmarkError, match=r"README\.md is not among them"):
        write_bundle(tmp_path / "tiny", EARS, contents)

    assert not list(tmp_path.iterdir())
