"""What a request asks of the decision, beside the classes that there are."""

import pytest

from fetch_and_validate.decision_check import check_decision
from shared.errors import InvalidDatasetError

DEFAULTS = {"positive_class": None, "threshold": 0.5, "label_column": "kind"}


@pytest.mark.parametrize(
    ("fields", "classes"),
    [({}, "abc"), ({}, "ab"), ({"positive_class": "a", "threshold": "f1"}, "ab"), ({"threshold": 0.2}, "ab")],
)
def test_what_fits_the_classes_passes(fields, classes):
    check_decision(DEFAULTS | fields, list(classes))


@pytest.mark.parametrize(
    ("fields", "classes", "message"),
    [
        ({"positive_class": "frau"}, ["fraud", "ok"],
         "positive_class is 'frau'; the classes of label column 'kind' are 'fraud' and 'ok'"),
        ({"positive_class": "a"}, ["a", "b", "c"],
         "positive_class: one of two classes is positive, and label column 'kind' has 3 classes; leave it out"),
        ({"positive_class": "a", "threshold": "f1"}, ["a", "b", "c"], "positive_class and threshold: one of two"),
        ({"threshold": 0.3}, ["a", "b", "c"], "threshold: one of two classes is positive"),
    ],
)  # fmt: skip
def test_what_does_not_is_said_with_the_classes(fields, classes, message):
    with pytest.raises(InvalidDatasetError) as refused:
        check_decision(DEFAULTS | fields, classes)
    assert str(refused.value).startswith(message)
