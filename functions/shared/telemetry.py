"""JSON log lines, one per event, and the decorator that every handler wears."""

import functools
import json
import logging
import sys
import time
from collections.abc import Callable
from typing import Any

from shared.errors import PermanentError

_log = logging.getLogger("model_service")


class JsonFormatter(logging.Formatter):
    """A record as one JSON object: time (UTC), level, message, the fields given as `extra={"fields": ...}`."""

    converter = time.gmtime
    default_msec_format = "%s.%03dZ"
    default_time_format = "%Y-%m-%dT%H:%M:%S"

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": self.formatTime(record),
            "level": record.levelname,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def log(message: str, **fields: Any) -> None:
    """Writes one JSON log line; `fields` become its members."""
    _log.info(message, extra={"fields": fields})


def observed(step: str) -> Callable[[Callable], Callable]:
    """Decorates a handler: one line when it starts, one when it ends, with run, duration (ms) and outcome.

    Errors pass through unchanged: the runtime turns the class name into the error type.
    """

    def decorate(handler: Callable[[object, Any], dict]) -> Callable[[object, Any], dict]:
        @functools.wraps(handler)
        def wrapper(event: object, context: Any) -> dict:
            _configure()
            fields = {"step": step, "request_id": getattr(context, "aws_request_id", None)}
            if isinstance(event, dict):
                fields |= {name: event[name] for name in ("run_id", "execution_arn") if event.get(name)}
            started = time.perf_counter()
            _log.info("started", extra={"fields": fields})
            try:
                output = handler(event, context)
            except PermanentError as error:
                fields |= {"error": type(error).__name__, "cause": str(error), "duration_ms": _since(started)}
                _log.warning("rejected", extra={"fields": fields})
                raise
            except BaseException as error:
                fields |= {"error": type(error).__name__, "duration_ms": _since(started)}
                _log.error("failed", extra={"fields": fields}, exc_info=True)
                raise
            fields |= {"run_id": output.get("run_id"), "duration_ms": _since(started)}
            _log.info("succeeded", extra={"fields": fields})
            return output

        return wrapper

    return decorate


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
