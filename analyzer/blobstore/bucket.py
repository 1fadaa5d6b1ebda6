"""A bucket of an object store that speaks S3, and how it is talked to."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

ATTEMPTS = 5
CONNECTIONS = 16
ABSENT = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}


@dataclass(frozen=True, slots=True)
class Bucket:
    """`prefix` is empty or ends with a slash. Without keys, AWS's variables, files and roles are asked."""

    name: str
    prefix: str = ""
    endpoint: str = ""  # of AWS itself if empty
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)


def client_of(bucket: Bucket) -> Any:
    """The client of S3 of this process: connections are not to be taken over a fork."""
    return _client(bucket, os.getpid())


@lru_cache(maxsize=4)
def _client(bucket: Bucket, process: int) -> Any:
    from botocore.config import Config  # half a second, which only those who have a bucket should wait for
    from botocore.session import get_session

    config = Config(
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "max_attempts": ATTEMPTS},
        # Every store checks what comes against the sha256 that is signed with it; newer checksums not all know.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"payload_signing_enabled": True, "addressing_style": "path" if bucket.endpoint else "auto"},
    )
    return get_session().create_client(
        "s3",
        region_name=bucket.region or None,
        endpoint_url=bucket.endpoint or None,
        aws_access_key_id=bucket.access_key or None,
        aws_secret_access_key=bucket.secret_key or None,
        config=config,
    )


@contextmanager
def told_as_oserror(key: str) -> Iterator[None]:
    """What the client says becomes OSError, FileNotFoundError where there is no such object."""
    from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

    try:
        yield
    except ClientError as error:
        told = error.response.get("Error", {})
        if told.get("Code") in ABSENT:
            raise FileNotFoundError(errno.ENOENT, "there is no such object", key) from None
        raise OSError(errno.EIO, f"the object store answered {told.get('Code')}: {told.get('Message')}", key) from error
    except (BotoCoreError, HTTPClientError) as error:
        raise OSError(errno.EIO, f"the object store can't be used: {error}", key) from error
