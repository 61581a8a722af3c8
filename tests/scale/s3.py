"""A server of S3 on this machine alone, and what the environment says of it."""

import contextlib
import logging
from urllib.request import Request, urlopen

ADDRESS = "s3://sounds/field"


@contextlib.contextmanager
def server(patch):
    """Start it; the environment names it for this process and all that it starts."""
    import s3fs
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        here = f"http://{host}:{port}"
        patch.setenv("AWS_ENDPOINT_URL", here)
        patch.setenv("AWS_ACCESS_KEY_ID", "anybody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        urlopen(Request(f"{here}/moto-api/reset", method="POST")).close()  # it is one a process
        s3fs.S3FileSystem.clear_instance_cache()
        yield moto
    finally:
        moto.stop()


def fill(sounds, address=ADDRESS):
    """Put all files of a folder below an address."""
    import s3fs

    system = s3fs.S3FileSystem(use_listings_cache=False, skip_instance_cache=True)
    system.mkdir(address.split("/")[2])
    for path in sorted(sounds.rglob("*.wav")):
        system.put_file(str(path), f"{address}/{path.relative_to(sounds).as_posix()}")
    return system
