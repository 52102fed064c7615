"""Members of events that several contracts have, read with a message that names the member."""

import json
from dataclasses import dataclass
from typing import Any, Self

from shared.errors import InvalidRequestError

Json = dict[str, Any]


@dataclass(frozen=True)
class S3Reference:
    """The address of an object written by a step."""

    bucket: str
    key: str

    @classmethod
    def from_event(cls, value: object, name: str) -> Self:
        """The reference in a JSON value; `name` is how an InvalidRequestError calls it."""
        if not isinstance(value, dict):
            raise InvalidRequestError(f"{name} must be an object with bucket and key, not {shown(value)}")
        return cls(*(text_field(value, field, f"{name}.{field}") for field in ("bucket", "key")))

    def to_event(self) -> Json:
        return {"bucket": self.bucket, "key": self.key}

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


def text_field(event: Json, field: str, name: str) -> str:
    """The non-empty string in a member; `name` is how an InvalidRequestError calls it."""
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{name} must be a non-empty string, not {shown(value)}")
    return value


def shown(value: object) -> str:
    """The value as JSON, cut so that a hostile one cannot blow up a message or a state's output."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return _utf8(text if len(text) <= 120 else text[:117] + "...")


def execution_arn_in(event: Json) -> str | None:
    """The execution's ARN, which every output and log line repeats: bounded, and text that UTF-8 can hold."""
    value = event.get("execution_arn")
    if value is not None and not (
        isinstance(value, str) and 0 < len(value) <= 2048 and value == _utf8(value)
    ):
        raise InvalidRequestError(f"execution_arn must be an execution's ARN or null, not {shown(value)}")
    return value


def _utf8(text: str) -> str:
    r"""The text, with lone surrogates, which JSON can spell and UTF-8 cannot, as \ud800."""
    return text.encode(errors="backslashreplace").decode()
