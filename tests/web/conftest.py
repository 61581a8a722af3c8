import pytest

from web.shelf import client_of, desk_of, fill, ids_of, index


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A folder with `sounds` and a `library` of them; tests only read it."""
    place = tmp_path_factory.mktemp("web")
    fill(place)
    index(place)
    return place


@pytest.fixture(scope="session")
def desk(place):
    with desk_of(place) as desk:
        yield desk


@pytest.fixture(scope="session")
def client(desk):
    with client_of(desk) as client:
        yield client


@pytest.fixture(scope="session")
def ids(client):
    return ids_of(client)
