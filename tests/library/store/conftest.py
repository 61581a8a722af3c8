import pytest

from library.store.servers import Standalone


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A Milvus server for all tests of a run that ask for one."""
    server = Standalone(tmp_path_factory.mktemp("milvus"))
    yield server
    server.stop()
