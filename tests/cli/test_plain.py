import pytest

from earmark.cli.plain import aligned, cells, counted, printable, relative, room_beside, shortened


@pytest.mark.parametrize(
    ("text", "wide"),
    [("rain", 4), ("雨の音", 6), ("e\u0301", 1), ("\u200bx", 1), ("🐕", 2), ("", 0)],
)
def test_a_letter_takes_one_cell_two_or_none(text, wide):
    assert cells(text) == wide


@pytest.mark.parametrize(
    ("text", "room", "cut"),
    [
        ("field/rain.wav", 14, "field/rain.wav"),
        ("field/rain.wav", 13, "fiel…rain.wav"),  # 12 are left: 4 of the beginning, 8 of the end
        ("field/rain.wav", 5, "f…wav"),
        ("field/rain.wav", 1, "…"),
        (
            "雨の音/雨.wav",
            10,
            "雨…雨.wav",
        ),  # 9 are left: 3 have room for one of two cells, 6 are full
    ],
)
def test_the_middle_of_a_long_path_is_left_out(text, room, cut):
    assert shortened(text, room) == cut
    assert cells(cut) <= room


def test_columns_are_aligned_by_cells_and_nothing_hangs_over():
    rows = [("#", "what", "where"), ("10", "雨", "a.wav"), ("9", "rain", "")]

    assert list(aligned(rows, right=(0,))) == [
        " #  what  where",
        "10  雨    a.wav",
        " 9  rain",
    ]
    assert room_beside([row[:2] for row in rows], 20) == 20 - len("10  rain  ")


def test_a_file_name_cannot_move_the_cursor():
    assert printable("a\x1b[2Jb\nc\udcff.wav") == "a?[2Jb?c?.wav"
    assert printable("Größe 雨.wav") == "Größe 雨.wav"


@pytest.mark.parametrize(
    ("path", "base", "way"),
    [
        ("/a/b/c.wav", "/a", "b/c.wav"),
        ("/a/b/c.wav", "/", "a/b/c.wav"),
        ("/ab/c.wav", "/a", None),
        ("/a", "/a", None),
    ],
)
def test_a_path_is_told_from_the_folder_it_lies_in(path, base, way):
    assert relative(path, base) == way


def test_numbers_are_counted_in_words():
    assert counted(1, "file") == "1 file"
    assert counted(12_000, "file") == "12,000 files"
    assert counted(2, "copy", "copies") == "2 copies"
