"""Two nodes on this machine, and an archive to hear on them."""

import contextlib
import shutil
import socket
import sys
import tempfile
from types import SimpleNamespace

import pytest

from model.tiny import write_tiny
from scale import archive, s3

WHY = "hearing on a cluster is an extra: pip install 'earmark[scale]'"
LOOP = "127.0.0.2"  # Ray takes 127.0.0.1 for a name of this machine's other address
SMALL = 80 << 20  # bytes for what travels


@pytest.fixture(scope="module")
def bucket(module_env, sounds):
    """The archive at an address, on a server of S3; None where there can be none."""
    try:
        with s3.server(module_env):
            yield s3.fill(sounds)
    except ModuleNotFoundError:
        yield None


@pytest.fixture(scope="module")
def nodes(module_env, bucket):
    """A cluster of two nodes with a core each, its own folder, and this machine's own network."""
    pytest.importorskip("ray", reason=WHY)
    if sys.platform != "linux":
        pytest.skip("two nodes on one machine and on no network are had on Linux alone")
    from ray.cluster_utils import Cluster

    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # sockets have short names or none
    port = free_port()
    common = {"num_cpus": 1, "object_store_memory": SMALL, "node_ip_address": LOOP}
    head = {"include_dashboard": False, "ray_client_server_port": port}
    module_env.setenv("RAY_TMPDIR", folder)
    cluster = Cluster(initialize_head=True, head_node_args=common | head)
    try:
        second = cluster.add_node(**common)
        module_env.setenv("RAY_ADDRESS", cluster.address)
        yield SimpleNamespace(cluster=cluster, second=second, client=f"ray://{LOOP}:{port}")
    finally:
        import ray

        ray.shutdown()
        with contextlib.suppress(Exception):
            cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    return archive.fill(tmp_path_factory.mktemp("sounds"))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_tiny(folder)
    return folder


@pytest.fixture(scope="module")
def module_env():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")  # nobody but this machine can reach it
        yield patch


def free_port():
    with socket.socket() as one:
        one.bind((LOOP, 0))
        return one.getsockname()[1]
