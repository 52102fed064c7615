"""A function as an environment sees it: what Lambda knows of it, and how an invocation of it ended."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FunctionSettings:
    """What Lambda knows of a function version. Timeout in seconds, memory in MiB."""

    handler: str
    version: str
    code_root: Path
    timeout_seconds: float
    memory_mib: int
    log_format: str = "Text"
    system_log_level: str = "INFO"


@dataclass(frozen=True)
class Outcome:
    """The answer to one invocation: the payload, the error type if it failed, and its log."""

    payload: bytes
    error_type: str | None
    logs: str

    @property
    def is_error(self) -> bool:
        return self.error_type is not None
