"""The exception flow that the policies rely on, on small sources whose errors are known."""

from pathlib import Path

import pytest
from raised_errors import Source

STORAGE = """
class Storage:
    def read(self, reference, missing=InvalidRequestError):
        with _translated(missing=missing):
            return 1

def _translated(*, missing, taken=DatasetChangedError):
    raise missing()
"""


@pytest.fixture
def errors_of(tmp_path: Path):
    """The errors that `step` in a source of a step, with a storage beside it, can raise."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared/storage.py").write_text(STORAGE)
    (tmp_path / "a_step").mkdir()

    def found(source: str) -> set[str]:
        (tmp_path / "a_step/logic.py").write_text(f"from shared.storage import Storage\n{source}")
        return Source("a_step", tmp_path).errors_of({"step"})

    return found


def test_what_is_raised_in_a_function_that_is_called_or_passed_on_is_found(errors_of):
    assert errors_of(
        "def step(rows):\n    first(rows)\n    return map(second, rows)\n"
        "def first(rows):\n    raise InvalidDatasetError('no rows')\n"
        "def second(row):\n    raise refusal(row)\n"
        "def refusal(row):\n    return ModelRejectedError(row)\n"
        "def nobody_calls_this():\n    raise DatasetNotFoundError\n"
    ) == {"InvalidDatasetError", "ModelRejectedError"}


def test_what_is_caught_is_gone_and_what_is_raised_again_is_not(errors_of):
    part = "    try:\n        fails()\n    except {}:\n        {}\n"
    body = "def fails():\n    raise DatasetNotFoundError\n"
    handlers = {
        ("DatasetNotFoundError", "pass"): set(),
        ("PermanentError", "return None"): set(),
        ("InvalidDatasetError", "pass"): {"DatasetNotFoundError"},
        ("DatasetNotFoundError", "raise"): {"DatasetNotFoundError"},
        ("DatasetNotFoundError as error", "raise error"): {"DatasetNotFoundError"},
        ("DatasetNotFoundError as error", "raise DatasetChangedError() from error"): {"DatasetChangedError"},
    }

    assert {
        handler: errors_of("def step():\n" + part.format(*handler) + body) for handler in handlers
    } == handlers


def test_the_storage_raises_the_error_that_it_is_given(errors_of):
    given = errors_of("def step(store):\n    store.read(1, missing=DatasetNotFoundError)\n")

    assert given == {"InvalidRequestError", "DatasetNotFoundError", "DatasetChangedError"}
    assert errors_of("def step(body):\n    body.read(1)\n") == set()


def test_looking_at_an_error_raises_none(errors_of):
    assert (
        errors_of(
            "def step(value: InvalidDatasetError) -> InvalidDatasetError:\n"
            "    return isinstance(value, InvalidDatasetError) or InvalidDatasetError.__name__\n"
        )
        == set()
    )


def test_what_an_object_raises_by_itself_counts_where_it_is_made(errors_of):
    source = "class Codes(dict):\n    def __missing__(self, cell):\n        raise InvalidDatasetError\n"

    assert errors_of(source + "def step():\n    return Codes()\n") == {"InvalidDatasetError"}
