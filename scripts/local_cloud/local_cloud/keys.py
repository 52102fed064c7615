"""The access key of one start of the local cloud: made anew, kept in a file that its user alone can read."""

import contextlib
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

# What LocalStack takes for an account number (twelve digits) or for an account's key cannot begin like this.
PREFIX = "LOCALCLOUD"
KEY_ID = "LOCAL_CLOUD_KEY_ID"  # environment variable of LocalStack: the one key that it accepts; unset: any

_SIGNATURE_4 = re.compile(r"Credential=([^/,\s]+)/")
_SIGNATURE_2 = re.compile(r"AWS ([^:\s]+):")


@dataclass(frozen=True)
class Keys:
    """An access key as AWS has them: its id, which the local cloud asks for, and the secret that signs."""

    key_id: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        return cls(PREFIX + secrets.token_hex(16).upper(), secrets.token_hex(20))


def write_keys(path: Path, endpoint: str, keys: Keys) -> None:
    """As lines NAME=VALUE, with the endpoint that they are for. Raises OSError."""
    path.unlink(missing_ok=True)  # one that stays could have been opened by others, and keeps its mode
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w") as lines:
        lines.write(f"AWS_ENDPOINT_URL={endpoint}\n")
        lines.write(f"AWS_ACCESS_KEY_ID={keys.key_id}\nAWS_SECRET_ACCESS_KEY={keys.secret}\n")


def read_key_id(path: Path) -> str | None:
    """The access key id in a file of `write_keys`; None where there is none."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        found = re.search(r"(?m)^AWS_ACCESS_KEY_ID=(\S+)$", path.read_text())
        return found[1] if found else None
    return None


def key_id_of_request(headers: Mapping[str, str], arguments: Mapping[str, str]) -> str | None:
    """The access key id that a request names: in its signature (version 4 or 2) or in a presigned address.

    headers, arguments: of the request and of its query, by name. A body (the fields of a form) does not count.
    """
    authorization = headers.get("Authorization") or ""
    found = _SIGNATURE_4.search(authorization) or _SIGNATURE_2.match(authorization)
    if found:
        return found[1]
    return (arguments.get("X-Amz-Credential") or "").partition("/")[0] or arguments.get("AWSAccessKeyId")
