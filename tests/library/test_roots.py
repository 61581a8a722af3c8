"""Which root a path belongs to."""

import os
import sys
from pathlib import Path

import pytest

from earmark.library import roots
from earmark.library.roots import Area, Top, areas, names_of

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")


@pytest.fixture
def home(tmp_path):
    """A folder with sounds/rain/loud and sounds/.old in it, and a file in each."""
    home = tmp_path.resolve()
    for folder in ("sounds", "sounds/rain", "sounds/rain/loud", "sounds/.old", "other"):
        (home / folder).mkdir()
        (home / folder / "x.wav").touch()
    return home


def whole(root, apart=(), base=None):
    return Area(root, (Top(root, base or root),), tuple(apart))


def part(root, top, base=None):
    return Area(root, (Top(top, base or top),))


def test_a_new_folder_is_its_own_root(home):
    assert areas([home / "sounds"]) == [whole(home / "sounds")]


def test_a_new_folder_that_is_not_there_is_one_too(home):
    assert areas([home / "none"]) == [whole(home / "none")]


def test_a_file_is_looked_at_in_the_root_of_its_folder(home):
    file = home / "sounds" / "x.wav"
    assert areas([file]) == [part(home / "sounds", file, home / "sounds")]


def test_a_folder_in_a_known_root_makes_no_new_root(home):
    sounds = home / "sounds"
    assert areas([sounds / "rain"], [sounds]) == [part(sounds, sounds / "rain")]
    file = sounds / "rain" / "x.wav"
    assert areas([file], [sounds]) == [part(sounds, file, sounds / "rain")]


def test_a_known_root_in_a_folder_stays_what_it_is(home):
    sounds, rain = home / "sounds", home / "sounds" / "rain"
    assert areas([sounds], [rain]) == [whole(sounds, [rain]), whole(rain, base=sounds)]


def test_the_innermost_known_root_wins(home):
    sounds, rain = home / "sounds", home / "sounds" / "rain"
    assert areas([rain / "loud"], [sounds, rain]) == [part(rain, rain / "loud")]


def test_known_roots_in_a_part_of_a_root_are_looked_at_with_it(home):
    sounds, loud = home / "sounds", home / "sounds" / "rain" / "loud"
    rain = sounds / "rain"
    assert areas([rain], [sounds, loud]) == [
        Area(sounds, (Top(rain, rain),), (loud,)),
        whole(loud, base=rain),
    ]


def test_of_new_roots_the_outer_one_wins(home):
    sounds = home / "sounds"
    assert areas([sounds / "rain", sounds, sounds / "rain" / "loud"]) == [whole(sounds)]


def test_the_same_folder_asked_for_twice_is_looked_at_once(home):
    sounds = home / "sounds"
    assert areas([sounds, sounds / "rain" / "..", sounds]) == [whole(sounds)]


def test_parts_of_one_root_are_one_area(home):
    sounds, loud = home / "sounds", home / "sounds" / "rain" / "loud"
    (area,) = areas([loud, sounds / "x.wav"], [sounds])
    assert [top.path for top in area.tops] == [sounds / "x.wav", loud]


def test_a_file_asked_for_by_name_is_looked_at_beside_its_folder(home):
    odd = home / "sounds" / "rain" / "odd.bin"
    odd.touch()
    (area,) = areas([odd, home / "sounds"])
    assert [top.path for top in area.tops] == [home / "sounds", odd]


def test_a_hidden_folder_asked_for_is_a_root_of_its_own(home):
    sounds, old = home / "sounds", home / "sounds" / ".old"
    assert areas([old], [sounds]) == [whole(old)]
    assert areas([old / "x.wav"], [sounds]) == [part(old, old / "x.wav", old)]
    assert areas([old, sounds]) == [whole(sounds, [old]), whole(old)]


def test_a_name_that_begins_alike_is_no_folder_around(home):
    (home / "sound").mkdir()
    assert areas([home / "sounds"], [home / "sound"]) == [whole(home / "sounds")]


@links
def test_a_root_under_another_name_is_the_known_one(home):
    link = home / "link"
    link.symlink_to(home / "sounds")
    assert areas([link], [home / "sounds"]) == [whole(home / "sounds")]
    assert areas([link / "rain"], [home / "sounds"]) == [
        part(home / "sounds", home / "sounds" / "rain")
    ]


@links
def test_a_known_root_that_became_a_link_keeps_its_name(home):
    sounds, big = home / "sounds", home / "big"
    sounds.rename(big)
    sounds.symlink_to(big)
    assert areas([sounds], [sounds]) == [whole(sounds)]
    assert areas([big / "rain"], [sounds]) == [part(sounds, sounds / "rain")]
    assert areas([home], [sounds]) == [whole(home, [sounds]), whole(sounds, base=home)]


@links
def test_a_link_asked_for_leads_to_its_file(home):
    link = home / "other" / "link.wav"
    link.symlink_to(home / "sounds" / "x.wav")
    assert areas([link]) == [part(home / "sounds", home / "sounds" / "x.wav", home / "sounds")]


def test_another_drive_in_a_root_is_not_reached_from_it(home, monkeypatch):
    sounds, rain = home / "sounds", home / "sounds" / "rain"
    there = {path.stat().st_ino for path in (rain, rain / "loud")}
    monkeypatch.setattr(roots, "drive_of", lambda info: info.st_ino in there)
    assert areas([rain / "loud"], [sounds]) == [whole(rain / "loud")]
    assert areas([rain, sounds]) == [whole(sounds, [rain]), whole(rain)]


def test_what_is_not_there_belongs_to_the_root_around_it(home):
    sounds = home / "sounds"
    assert areas([sounds / "gone"], [sounds]) == [part(sounds, sounds / "gone")]


@links
def test_where_case_does_not_matter_a_path_is_written_as_the_drive_does(home, monkeypatch):
    sounds = home / "sounds"
    (sounds / "Rain").symlink_to(sounds / "rain")  # as a drive would that takes both
    listed = {sounds: ["x.wav", "rain", ".old"]}.get
    monkeypatch.setattr(roots, "_names", lambda folder: frozenset(listed(folder, ["x.wav"])))
    monkeypatch.setattr(os.path, "realpath", os.path.abspath)
    assert areas([sounds / "Rain"], [sounds]) == [part(sounds, sounds / "rain")]


@links
def test_a_folder_may_be_known_by_its_real_name_and_as_it_was_written(home, monkeypatch):
    (home / "link").symlink_to(home / "sounds")
    assert names_of(home / "link") == {home / "link", home / "sounds"}
    assert names_of(home / "sounds") == {home / "sounds"}
    monkeypatch.chdir(home)
    assert names_of(Path()) == {home}  # and not ".", which is above every name of another system
