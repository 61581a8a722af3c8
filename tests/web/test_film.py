"""Films over the API: what is known of their pictures, one of them, the file, and stretches."""

import io
import shutil

import av
import pytest

pytest.importorskip("starlette", reason="the server is an extra: pip install 'earmark[serve]'")

from audio.film.test_frame import covered
from audio.films import FPS, heard, make_film, second_of
from earmark.library.library import Library
from earmark.web import film as films
from earmark.web.limits import Limits
from web.shelf import SECRET, client_of, desk_of, fill, ids_of
from web.test_search import refused

RECORDINGS = "/api/v1/recordings"
KINDS = {  # kind -> how a browser gets it, and the type that it is asked about
    "mp4": ("file", 'video/mp4; codecs="avc1.64000a, mp4a.40.2"'),
    "mov": ("file", 'video/mp4; codecs="avc1.64000a, mp4a.40.2"'),
    "webm": ("file", 'video/webm; codecs="vp8, opus"'),
    "mkv": ("stretches", 'video/mp4; codecs="avc1.64000a, mp4a.40.2"'),
    "ts": ("stretches", 'video/mp4; codecs="avc1.64000a, mp4a.40.2"'),
    "flv": ("stretches", 'video/mp4; codecs="avc1.64000a, mp4a.40.2"'),
    "vp9 mkv": ("stretches", 'video/mp4; codecs="vp09.00.41.08, opus"'),
    "avi": ("none", None),
    "pcm mov": ("none", None),
    "mpg": ("none", None),
}
STRETCHED = [kind for kind, (way, _) in KINDS.items() if way == "stretches"]
SURE = 0.16  # seconds; what a codec makes of a brightness


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Films of many kinds, and sounds with a cover; tests only read them."""
    place = tmp_path_factory.mktemp("films")
    folder = place / "sounds"
    folder.mkdir()
    for kind in KINDS:
        make_film(folder, kind, name=kind)
    for kind in ("mp3", "m4a"):
        (folder / kind).mkdir()
        covered(folder / kind, kind)
    with Library.create(place / "library") as library:
        library.index([folder], jobs=1)
    return place


@pytest.fixture(scope="module")
def client(place):
    with desk_of(place) as desk, client_of(desk) as client:
        yield client


@pytest.fixture(scope="module")
def homes(client, place):
    """The address of each film by its kind, of each sound by its suffix."""
    ids = ids_of(client)
    return {name.partition(".")[0 if name[:5] != "sound" else 2]: f"{RECORDINGS}/{one}"
            for name, one in ids.items()}  # fmt: skip


@pytest.fixture
def get(client, homes):
    def ask(kind, way, headers=None, **values):
        return client.get(f"{homes[kind]}/{way}", params=values, headers=headers or {})

    return ask


def seen(content):
    """When pictures of a stretch are shown, in seconds on the clock of its film, and brightness."""
    with av.open(io.BytesIO(content)) as file:
        stream = file.streams.video[0]
        return [(one.time, one.to_ndarray(format="gray8").mean()) for one in file.decode(stream)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_recording_says_what_is_known_of_its_pictures(client, homes, kind):
    told = client.get(homes[kind]).json()["pictures"]

    assert (told["width"], told["height"]) == (64, 48)
    assert (told["playable"], told["type"]) == KINDS[kind]
    assert (told["why"] is None) == (told["playable"] != "none")


def test_why_a_film_cannot_be_played_is_said(client, homes):
    why = {kind: client.get(homes[kind]).json()["pictures"]["why"] for kind in KINDS}

    assert why["avi"] == "its pictures are mpeg4, which browsers do not play"
    assert why["pcm mov"] == "its sound is pcm_s16le, which browsers do not play"


@pytest.mark.parametrize("kind", ["mp3", "m4a"])
def test_a_cover_is_no_film(client, homes, kind):
    told = client.get(homes[kind]).json()

    assert (told["pictures"], told["video"]) == (None, None)
    for way in ("frame", "video"):
        assert "it has no pictures" in refused(client.get(f"{homes[kind]}/{way}"), 404)


def test_lists_and_hits_name_the_film_where_there_may_be_one(client):
    rows = client.get(RECORDINGS, params={"limit": 100}).json()["recordings"]
    found = client.get(
        "/api/v1/search", params={"q": "a click", "unsure": True, "limit": 20}
    ).json()

    for row in [*rows, *found["links"]]:
        assert row["video"] in (None, f"{row['self']}/video")
    assert sum(row["video"] is not None for row in rows) == len(KINDS)
    assert {row["video"] for row in rows} >= {link["video"] for link in found["links"]}


def test_a_frame_is_a_small_picture_of_the_moment(get):
    for at in (0.0, 1.5, 4.2):
        told = get("mkv", "frame", at=at)

        assert told.headers["content-type"] == "image/jpeg"
        assert told.headers["content-security-policy"].startswith("default-src 'none'")
        with av.open(io.BytesIO(told.content)) as file:
            grey = next(file.decode(video=0)).to_ndarray(format="gray").mean()
        assert second_of(16 + grey * 219 / 255) == pytest.approx(at, abs=SURE)
        assert len(told.content) < 5000


def test_a_frame_is_as_wide_as_asked_for(get):
    with av.open(io.BytesIO(get("mp4", "frame", width=32).content)) as file:
        assert (file.streams.video[0].width, file.streams.video[0].height) == (32, 24)
    for wrong in ({"at": -1}, {"width": 8}, {"width": 100_000}, {"at": "x"}):
        refused(get("mp4", "frame", **wrong), 400)


def test_a_film_is_given_as_it_is_by_ranges(get, place):
    whole = (place / "sounds/mkv.mkv").read_bytes()
    told = get("mkv", "video")

    assert told.content == whole
    assert told.headers["content-type"] == "video/x-matroska"
    part = get("mkv", "video", {"range": "bytes=100-149"})
    assert (part.status_code, part.content) == (206, whole[100:150])
    kept = get("mkv", "video", download=True).headers["content-disposition"]
    assert kept == 'attachment; filename="mkv.mkv"'


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_what_browsers_play_is_given_as_it_is(get, place, kind):
    told = get(kind, "video", format="playable")

    assert told.content == (place / f"sounds/{kind}.{kind}").read_bytes()
    assert told.headers["content-type"] == ("video/webm" if kind == "webm" else "video/mp4")


@pytest.mark.parametrize("kind", STRETCHED)
@pytest.mark.parametrize("span", [(0.0, 2.0), (2.5, 4.4), (4.4, 6.0)])
def test_stretches_keep_the_times_of_the_film(client, homes, get, kind, span):
    shift = client.get(homes[kind]).json()["pictures"]["shift"]
    told = get(kind, "video", format="playable", start=span[0], end=span[1])

    assert told.headers["content-type"] == "video/mp4"
    assert b"moof" in told.content
    pictures = seen(told.content)
    assert pictures[0][0] - shift <= span[0] + 1.5 / FPS
    assert pictures[-1][0] - shift == pytest.approx(span[1], abs=0.15)
    for at, grey in pictures:
        assert second_of(16 + grey * 219 / 255) == pytest.approx(at - shift, abs=SURE)


def test_stretches_together_have_every_picture(client, homes, get):
    shift = client.get(homes["mkv"]).json()["pictures"]["shift"]
    places = set()
    for start in range(6):
        told = get("mkv", "video", format="playable", start=start, end=start + 1)
        places |= {round((at - shift) * FPS) for at, _ in seen(told.content)}

    assert places == set(range(6 * FPS))


def test_a_stretch_is_cut_as_on_the_command_line(get, tmp_path):
    told = get("mkv", "video", start=2.5, end=4.4, download=True)

    path = tmp_path / "cut.mkv"
    path.write_bytes(told.content)
    assert "mkv%200m02.0s-0m04.4s.mkv" in told.headers["content-disposition"]
    assert len(heard(path)) == 3
    assert told.headers["content-type"] == "video/x-matroska"


def test_what_cannot_be_had_without_encoding_is_409(get):
    for kind, values in (
        ("avi", {"format": "playable"}),
        ("pcm mov", {"format": "playable", "start": 1, "end": 2}),
        ("mpg", {"start": 1, "end": 2}),
    ):
        refused(get(kind, "video", **values), 409)


def test_a_stretch_has_bounds(place):
    limits = Limits(film=2.0, stretch=3000)
    with desk_of(place, limits=limits) as desk, client_of(desk) as client:
        home = f"{RECORDINGS}/{ids_of(client)['mkv.mkv']}/video"

        refused(client.get(home, params={"format": "playable"}), 413)
        refused(client.get(home, params={"start": 1, "end": 4}), 413)
        assert client.get(home, params={"start": 1, "end": 1.2}).status_code in (200, 413)
        refused(client.get(home, params={"start": 3, "end": 1}), 400)
        refused(client.get(home, params={"start": 99}), 422)


def test_no_more_than_so_many_bytes_are_made(place):
    with desk_of(place, limits=Limits(stretch=1000)) as desk, client_of(desk) as client:
        home = f"{RECORDINGS}/{ids_of(client)['ts.ts']}/video"

        problem = refused(client.get(home, params={"start": 0, "end": 6}), 413)

    assert problem == "more than 1,000 bytes"


def test_only_films_of_the_library_are_read(tmp_path):
    fill(tmp_path)
    folder = tmp_path / "sounds/yard"
    film = make_film(folder, "mp4", seconds=2.0)
    other = make_film(tmp_path, "mp4", name="other", seconds=2.0)
    with Library.create(tmp_path / "library") as library:
        library.index([folder], jobs=1)
    with desk_of(tmp_path) as desk, client_of(desk) as client:
        ids = ids_of(client)
        home = f"{RECORDINGS}/{ids['film.mp4']}"
        film.unlink()
        gone = client.get(home).json()
        assert gone["pictures"] is None
        refused(client.get(f"{home}/frame"), 404)
        refused(client.get(f"{home}/video"), 404)
        film.symlink_to(other)
        for way in ("frame", "video"):
            refused(client.get(f"{home}/{way}"), 403)
        assert client.get(home).json()["pictures"] is None
        film.unlink()
        shutil.copyfile(tmp_path / SECRET, film)
        refused(client.get(f"{home}/frame"), 404)


def test_damaged_pictures_leave_the_sound(tmp_path):
    folder = tmp_path / "sounds"
    folder.mkdir()
    path = make_film(folder, "mkv", seconds=2.0)
    _spoil(path)
    with Library.create(tmp_path / "library") as library:
        library.index([folder], jobs=1)
    with desk_of(tmp_path) as desk, client_of(desk) as client:
        home = f"{RECORDINGS}/{ids_of(client)['film.mkv']}"

        assert client.get(home).json()["seconds"] == pytest.approx(2.0, abs=0.1)
        assert client.get(f"{home}/audio", params={"format": "wav"}).status_code == 200
        problem = refused(client.get(f"{home}/frame"), 422)
        assert "none of its pictures" in problem


def _spoil(path):
    """Put zeros in the place of every picture."""
    with av.open(str(path)) as file:
        places = [(one.pos, one.size) for one in file.demux(video=0) if one.size]
    content = bytearray(path.read_bytes())
    for at, size in places:
        content[at + 12 : at + size] = bytes(len(content[at + 12 : at + size]))
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("codec", "header", "name"),
    [
        ("h264", bytes.fromhex("014d401f ff"), "avc1.4d401f"),
        ("h264", bytes.fromhex("00000001 6764001e"), "avc1.64001e"),
        ("h264", b"", "avc1.42e01e"),
        # Main, tier L, level 93: the example of ISO/IEC 14496-15, annex E
        ("hevc", bytes.fromhex("01 01 60000000 b00000000000 5d"), "hvc1.1.6.L93.b0"),
        ("hevc", b"", "hvc1.1.6.L120.90"),
        ("vp9", b"", "vp09.00.41.08"),
        ("vp8", b"", "vp8"),
    ],
)
def test_codecs_have_the_names_that_browsers_know(codec, header, name):
    told = films.Pictures(
        kind="mp4", codec=codec, width=2, height=2, rate=25.0, header=header, sound="aac"
    )

    assert films.codec_name(told) == name
