"""Members of events that several contracts have, read with a message that names the member."""

import json
from dataclasses import dataclass
from typing import Any, Self

from shared.errors import InvalidRequestError

Json = dict[str, Any]


@dataclass(frozen=True)
class S3Reference:
    """The address of an object."""

    bucket: str
    key: str

    def to_event(self) -> Json:
        return {"bucket": self.bucket, "key": self.key}

    def __str__(self) -> str:
        return printable(f"s3://{self.bucket}/{self.key}")


@dataclass(frozen=True)
class FileReference(S3Reference):
    """The address of an object written by a step, and the SHA-256 of what it wrote there."""

    sha256: str

    @classmethod
    def from_event(cls, value: object, name: str) -> Self:
        """The reference in a JSON value; `name` is how an InvalidRequestError calls it."""
        if not isinstance(value, dict):
            raise InvalidRequestError(
                f"{name} must be an object with bucket, key and sha256, not {shown(value)}"
            )
        return cls(*(text_field(value, field, f"{name}.{field}") for field in ("bucket", "key", "sha256")))

    def to_event(self) -> Json:
        return {"bucket": self.bucket, "key": self.key, "sha256": self.sha256}


def task_in(event: object, *tasks: str) -> str:
    """The task that an event from the state machine names; of an event without one, a person's, the first."""
    task = event.get("task", tasks[0]) if isinstance(event, dict) else tasks[0]
    if task not in tasks:
        raise InvalidRequestError(f"task is {shown(task)}; this function's tasks are {', '.join(tasks)}")
    return task


def text_field(event: Json, field: str, name: str) -> str:
    """The non-empty string in a member; `name` is how an InvalidRequestError calls it."""
    value = event.get(field)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(f"{name} must be a non-empty string, not {shown(value)}")
    return value


def shown(value: object) -> str:
    """The value as JSON, cut so that a hostile one cannot blow up a message or a state's output."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return printable(text if len(text) <= 120 else text[:117] + "...")


def printable(text: str) -> str:
    """The text with what no terminal shows, or what moves its cursor or turns its lines about, as JSON escapes it.

    Keys and names are other people's, and reach messages, log lines and terminals.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else json.dumps(one)[1:-1] for one in text)


def execution_arn_in(event: Json, name: str = "execution_arn") -> str | None:
    """The execution's ARN, which every output and log line repeats: bounded, and text that UTF-8 can hold."""
    value = event.get("execution_arn")
    if value is not None and not (
        isinstance(value, str) and 0 < len(value) <= 2048 and value == _utf8(value)
    ):
        raise InvalidRequestError(f"{name} must be an execution's ARN or null, not {shown(value)}")
    return value


def _utf8(text: str) -> str:
    r"""The text, with lone surrogates, which JSON can spell and UTF-8 cannot, as \ud800."""
    return text.encode(errors="backslashreplace").decode()
