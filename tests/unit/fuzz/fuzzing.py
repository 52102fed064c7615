"""How many cases are tried, and what may come out of every one of them.

FUZZ_FACTOR (1 by default) multiplies the number of cases. The default is some seconds of every run of the suite;
`FUZZ_FACTOR=100 .venv/bin/python -m pytest tests/unit/fuzz --timeout=0` is half an hour's work.
"""

import os

from hypothesis import HealthCheck, settings

from shared.errors import PermanentError

MAX_MESSAGE = 8 << 10  # characters; Step Functions takes 32 Ki of cause, and a person far less
MAX_OUTPUT_BYTES = 16 << 10  # of the 256 KiB that Step Functions takes


def factor() -> int:
    return int(os.environ.get("FUZZ_FACTOR", "1"))


def cases(count: int) -> settings:
    """`count` cases times FUZZ_FACTOR."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count * factor(), suppress_health_check=slow)


def check_message(error: PermanentError) -> None:
    """The message is one that a person, Step Functions and a UTF-8 log can take."""
    message = str(error)
    assert message.strip()
    message.encode()  # or UnicodeEncodeError
    assert len(message) <= MAX_MESSAGE, message[:200]
