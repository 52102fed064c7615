"""How a runtime ended, in the words in which Lambda reports it."""

import json
import signal
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """Why the runtime is gone. reason: in Lambda's wording; payload: set when the runtime told it itself."""

    error_type: str
    reason: str
    payload: bytes | None = None

    def to_payload(self, request_id: str) -> bytes:
        if self.payload is not None:
            return self.payload
        message = f"RequestId: {request_id} Error: {self.reason}"
        return json.dumps({"errorType": self.error_type, "errorMessage": message}).encode()


def exit_reason(exit_code: int) -> str:
    """Lambda's wording for how a runtime ended; a negative code is a signal's number."""
    if exit_code == 0:
        return "Runtime exited without providing a reason"
    if exit_code > 0:
        return f"Runtime exited with error: exit status {exit_code}"
    name = signal.strsignal(-exit_code) or f"signal {-exit_code}"
    return f"Runtime exited with error: signal: {name.lower()}"
