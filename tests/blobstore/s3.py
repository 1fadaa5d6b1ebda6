"""An S3 server of the tests' own: moto, asked over HTTP."""

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from analyzer.blobstore.bucket import Bucket, client_of

prefixes = itertools.count(1)


@contextmanager
def s3_server() -> Iterator[Bucket]:
    """A server in a thread; yields an empty bucket of it."""
    from moto.s3 import models
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel("WARNING")  # a line for each request else
    models.__dict__["S3_UPLOAD_PART_MIN_SIZE"] = 1  # 5 MiB are many, to be written for each test
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    bucket = Bucket("blobs", "", f"http://{host}:{port}", "us-east-1", "key", "secret")
    client_of(bucket).create_bucket(Bucket=bucket.name)
    try:
        yield bucket
    finally:
        server.stop()


def fresh(bucket: Bucket) -> Bucket:
    """A prefix of the bucket that nothing is below."""
    return Bucket(
        bucket.name, f"{next(prefixes)}/", bucket.endpoint, bucket.region, bucket.access_key, bucket.secret_key
    )
