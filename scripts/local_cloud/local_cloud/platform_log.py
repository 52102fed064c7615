"""The lines that Lambda itself writes to a function's log: START, END, REPORT and INIT_REPORT.

Text format: as the Lambda developer guide has it. JSON format (logging_config.log_format = JSON): the
platform events of the Telemetry API, which Lambda writes in place of those lines.
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Report:
    """What a REPORT line says. Durations in milliseconds, memory in MiB (Lambda writes "MB").

    status and error_type tell of the runtime; an exception that the handler raised is a handler_error.
    """

    request_id: str
    duration_ms: float
    memory_size_mib: int
    max_memory_mib: float
    init_ms: float | None = None
    status: str = "success"  # success, error or timeout
    error_type: str | None = None
    handler_error: str | None = None

    @property
    def billed_ms(self) -> int:
        """Whole milliseconds; since August 2025 Lambda bills a cold start's init as well."""
        return math.ceil(self.duration_ms + (self.init_ms or 0))


class TextLog:
    """Lines of the default log format."""

    def start(self, request_id: str, version: str) -> str:
        return f"START RequestId: {request_id} Version: {version}\n"

    def init_failure(self, phase: str, init_ms: float, status: str, error_type: str | None) -> str:
        line = f"INIT_REPORT Init Duration: {init_ms:.2f} ms\tPhase: {phase}\tStatus: {status}"
        return line + (f"\tError Type: {error_type}\n" if error_type else "\n")

    def fault(self, request_id: str, reason: str, error_type: str) -> str:
        """A runtime that ended on its own or was killed."""
        return f"RequestId: {request_id} Error: {reason}\n{error_type}\n"

    def timeout(self, request_id: str, timeout_seconds: float) -> str:
        return f"{_now()} {request_id} Task timed out after {timeout_seconds:.2f} seconds\n"

    def end(self, report: Report) -> str:
        fields = [
            f"REPORT RequestId: {report.request_id}",
            f"Duration: {report.duration_ms:.2f} ms",
            f"Billed Duration: {report.billed_ms} ms",
            f"Memory Size: {report.memory_size_mib} MB",
            f"Max Memory Used: {math.ceil(report.max_memory_mib)} MB",
        ]
        if report.init_ms is not None:
            fields.append(f"Init Duration: {report.init_ms:.2f} ms")
        if report.status != "success":
            fields.append(f"Status: {report.status}")
        if report.error_type is not None:
            fields.append(f"Error Type: {report.error_type}")
        return f"END RequestId: {report.request_id}\n" + "\t".join(fields) + "\n"


class JsonLog:
    """One JSON document a line; with a system log level above INFO only faults."""

    def __init__(self, system_log_level: str = "INFO") -> None:
        self._verbose = system_log_level.upper() in ("DEBUG", "INFO")

    def start(self, request_id: str, version: str) -> str:
        if not self._verbose:
            return ""
        return _event("platform.start", {"requestId": request_id, "version": version})

    def init_failure(self, phase: str, init_ms: float, status: str, error_type: str | None) -> str:
        record = {
            "initializationType": "on-demand",
            "phase": phase,
            "status": status,
            "metrics": {"durationMs": round(init_ms, 3)},
        }
        return _event("platform.initReport", record | ({"errorType": error_type} if error_type else {}))

    def fault(self, request_id: str, reason: str, error_type: str) -> str:
        message = f"RequestId: {request_id} Error: {reason}"
        document = {"timestamp": _now(), "level": "ERROR", "requestId": request_id, "message": message}
        return json.dumps(document | {"errorType": error_type}) + "\n"

    def timeout(self, request_id: str, timeout_seconds: float) -> str:
        reason = f"Task timed out after {timeout_seconds:.2f} seconds"
        return self.fault(request_id, reason, "Sandbox.Timedout")

    def end(self, report: Report) -> str:
        if not self._verbose:
            return ""
        metrics = {
            "durationMs": round(report.duration_ms, 3),
            "billedDurationMs": report.billed_ms,
            "memorySizeMB": report.memory_size_mib,
            "maxMemoryUsedMB": math.ceil(report.max_memory_mib),
        }
        if report.init_ms is not None:
            metrics["initDurationMs"] = round(report.init_ms, 3)
        status = "error" if report.handler_error else report.status
        record = {"requestId": report.request_id, "metrics": metrics, "status": status}
        if error_type := report.handler_error or report.error_type:
            record["errorType"] = error_type
        return _event("platform.report", record)


def _event(kind: str, record: dict) -> str:
    return json.dumps({"time": _now(), "type": kind, "record": record}) + "\n"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
