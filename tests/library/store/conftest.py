import pytest

from library.store.servers import Standalone


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Milvus server for the tests of a file; idle it would still take a third of a core."""
    server = Standalone(tmp_path_factory.mktemp("milvus"))
    yield server
    server.stop()
