"""A misspelt name is answered with the one that was meant."""

import pytest

from shared.close_names import did_you_mean
from shared.config import Config
from shared.contracts import TrainingRequest
from shared.errors import InvalidRequestError


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("test_sise", " (did you mean test_size?)"),
        ("Test-Size", " (did you mean test_size?)"),
        ("min_acuracy", " (did you mean min_accuracy?)"),
        ("label", " (did you mean label_column?)"),
        ("min", " (did you mean min_accuracy?)"),
        ("zebra", ""),
        ("", ""),
        ("x" * 1_000_000, ""),
    ],
)
def test_a_close_name_is_proposed(given, told):
    assert did_you_mean(given, ["test_size", "min_accuracy", "label_column"]) == told


def test_a_request_with_unknown_fields_says_which_were_meant():
    with pytest.raises(InvalidRequestError) as refused:
        TrainingRequest.from_event({"lable_column": "y", "zebra": 1}, Config())
    assert str(refused.value).startswith(
        'unknown field "lable_column" (did you mean label_column?), "zebra"; the fields are bucket, key, '
    )
