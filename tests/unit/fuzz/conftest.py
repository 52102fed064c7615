"""What the fuzz tests share: the step as Lambda runs it, and a count of what was tried."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from fuzzing import MAX_OUTPUT_BYTES, check_message

from fetch_and_validate import handler as step
from shared.errors import PermanentError

_tally: Counter[str] = Counter()


@pytest.fixture(scope="session")
def tried() -> Callable[[str], None]:
    """Counts a case under the name that the summary shows."""

    def count(kind: str) -> None:
        _tally[kind] += 1

    return count


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """One line: how many cases of which kind were tried."""
    if _tally:
        counts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(_tally.items()))
        terminalreporter.write_line(f"fuzz: {counts}")


@pytest.fixture(scope="session")
def fetched() -> Callable[..., dict | PermanentError]:
    """The step on a storage, all shards and their collection included: its last output, or its named error.

    Any other exception is a crash and fails the test. Bounds on messages and outputs are checked on the way.
    """

    def invoked(event: object) -> dict:
        output = step.handler(json.loads(json.dumps(event)), None)
        assert len(json.dumps(output).encode()) <= MAX_OUTPUT_BYTES
        return output

    def run(storage: Any, request: dict, shard_bytes: int = 32 << 20) -> dict | PermanentError:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(step, "storage", storage)
            patch.setenv("SHARD_BYTES", str(shard_bytes))
            try:
                output = invoked({"task": "FetchAndValidate", "request": request, "execution_arn": "arn:1"})
                if "plan" not in output:
                    return output
                planned = {name: output[name] for name in ("run", "plan")}
                shards = output["shards"]
                for shard in json.loads(storage.objects[shards["bucket"], shards["key"]]):
                    invoked({"task": "ValidateShard", **planned, "shard": shard})
                return invoked({"task": "CollectShards", **planned, "shards": shards})
            except PermanentError as error:
                check_message(error)
                return error

    return run
