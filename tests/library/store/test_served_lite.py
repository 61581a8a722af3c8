"""The whole contract of a store on Milvus Lite: another server, and all of it in one folder."""

import pytest

from library.store.contract import StoreContract
from library.store.servers import Shelves, again, make_store, shelves, store  # noqa: F401

pytest.importorskip("pymilvus", reason="needs the client: pip install 'earmark[scale]'")
pytest.importorskip("milvus_lite", reason="needs Milvus Lite: pip install milvus-lite")


@pytest.fixture(scope="module")
def all_shelves(tmp_path_factory):
    return Shelves(str(tmp_path_factory.mktemp("lite") / "all.db"))


class TestContract(StoreContract):
    pass
