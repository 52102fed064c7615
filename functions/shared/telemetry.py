"""JSON log lines, one per event, and the decorator that every handler wears.

The line at the end of a step is a metric as well, in CloudWatch's Embedded Metric Format: its member `_aws` names the
members that CloudWatch reads as metrics. Lambda's JSON log format leaves a printed line that is JSON as it is.
"""

import contextvars
import functools
import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from shared.errors import PermanentError
from shared.event_fields import printable

_log = logging.getLogger("model_service")

METRICS_NAMESPACE = "ModelService"
_DIMENSIONS = ["state_machine", "step"]
_UNITS = {
    "rows": "Count",
    "rejected_rows": "Count",
    "accuracy": "None",
    "f1": "None",
    "duration_ms": "Milliseconds",
}

# What every line of an invocation says; None is said too, so that a query finds the member in every line.
_context: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar("log_context", default=None)


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time (UTC), level, message, the fields given as `extra={"fields": ...}`."""

    converter = staticmethod(time.gmtime)
    default_msec_format = "%s.%03dZ"
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": self.formatTime(record),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line |= _context.get() or {}
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return printable(json.dumps(line, default=str, ensure_ascii=False))


def log(message: str, **fields: Any) -> None:
    """Writes one JSON log line; `fields` become its members."""
    _log.info(message, extra={"fields": fields})


def log_fault(message: str, **fields: Any) -> None:
    """Writes one JSON log line about the exception that is being handled, with its traceback."""
    _log.warning(message, extra={"fields": fields}, exc_info=True)


def bind(**fields: Any) -> None:
    """Adds members, such as run_id, to every further line of this invocation. Outside one it does nothing."""
    context = _context.get()
    if context is not None:
        context.update(fields)


def observed(step: str) -> Callable[[Callable], Callable]:
    """Decorates a handler: one line when it starts, one when it ends, with run, duration (ms), outcome and metrics.

    Errors pass through unchanged: the runtime turns the class name into the error type.
    """

    def decorate(handler: Callable[[object, Any], dict]) -> Callable[[object, Any], dict]:
        @functools.wraps(handler)
        def wrapper(event: object, context: Any) -> dict:
            _configure()
            known = event if isinstance(event, dict) else {}
            task = known.get("task")
            fields = {
                "step": step,
                "task": task if isinstance(task, str) else step,
                "request_id": getattr(context, "aws_request_id", None),
                "run_id": None,
                "execution_arn": known.get("execution_arn"),
                **_run_in(known),
            }
            for item in ("shard", "fold", "range"):  # of a Map
                if isinstance(known.get(item), dict):
                    fields[item] = known[item].get("index")
            token = _context.set(fields)
            started = time.perf_counter()
            try:
                _log.info("started")
                try:
                    output = handler(event, context)
                except PermanentError as error:
                    told = {"error": type(error).__name__, "cause": str(error)}
                    _log.warning("rejected", extra={"fields": told | _measured(fields, {}, started)})
                    raise
                except BaseException as error:
                    told = {"error": type(error).__name__}
                    _log.error(
                        "failed", extra={"fields": told | _measured(fields, {}, started)}, exc_info=True
                    )
                    raise
                bind(**_run_in(output))
                _log.info("succeeded", extra={"fields": _measured(fields, output, started)})
                return output
            finally:
                _context.reset(token)

        return wrapper

    return decorate


def _run_in(event: dict[str, Any]) -> dict[str, Any]:
    """run_id and execution_arn of a step's event or output, as far as it has them."""
    run = event.get("run")
    known = run if isinstance(run, dict) else {}
    return {name: known[name] for name in ("run_id", "execution_arn") if known.get(name)}


def _measured(context: dict[str, Any], output: dict, started: float) -> dict[str, Any]:
    """The members of the last line: the duration, the step's figures, and what makes metrics of them.

    A step that found its work done measures nothing: the run that did the work has counted it.
    """
    duration = {"duration_ms": _since(started)}
    if context["task"] in output.get("run", {}).get("cached", ()):
        return duration | {"cached": True}
    figures = duration | _figures(context["step"], output)
    execution = str(context["execution_arn"] or "").split(":")
    return figures | {
        # arn:aws:states:<region>:<account>:execution:<state machine>:<name>
        "state_machine": execution[6] if len(execution) > 7 else "none",
        "_aws": {
            "Timestamp": time.time_ns() // 1_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": METRICS_NAMESPACE,
                    "Dimensions": [_DIMENSIONS],
                    "Metrics": [{"Name": name, "Unit": _UNITS[name]} for name in figures],
                }
            ],
        },
    }


def _figures(step: str, output: dict) -> dict[str, float]:
    """What this step itself found; what it passes on was counted by the step before.

    Of a CSV of several shards only the step that collects them has a dataset with rows.
    """
    if step == "FetchAndValidate":
        source, names = output.get("dataset") or {}, {"rows": "rows", "rejected_rows": "invalid_rows"}
    elif step == "Summarize":
        source, names = output.get("metrics") or {}, {"accuracy": "accuracy", "f1": "f1"}
    else:
        return {}
    return {metric: source[name] for metric, name in names.items() if source.get(name) is not None}


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


def _configure() -> None:
    """Our own handler on our own logger: the same lines on AWS, on LocalStack and in tests."""
    if not _log.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonFormatter())
        _log.addHandler(handler)
        _log.setLevel(logging.INFO)
        _log.propagate = False
        logging.getLogger("botocore").setLevel(logging.WARNING)  # where credentials come from is no news
