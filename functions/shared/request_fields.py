"""The fields of a training request: default, check, and the words that say what is allowed.

One table, so that the check, the error message and the documentation cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from shared.model.decision import F1
from shared.request_checks import (
    ARTIFACT_KEY_BYTES,
    RESERVED_PREFIXES,
    is_artifact_key,
    is_bucket,
    is_column_kinds,
    is_column_list,
    is_data_key,
    is_delimiter,
    is_flag,
    is_index,
    is_line_count,
    is_open_share,
    is_row_count,
    is_seed,
    is_share,
    is_short_column_list,
    is_text,
)


class InvalidValue(ValueError):
    """A value is not allowed; the text says what is."""


@dataclass(frozen=True)
class RequestField:
    """`check` tells whether a value is allowed, `allowed` says it in words, `convert` makes it immutable."""

    default: Any
    allowed: str
    check: Callable[[Any], bool]
    meaning: str
    convert: Callable[[Any], Any] = lambda value: value

    def read(self, value: Any) -> Any:
        """The typed value; raises InvalidValue with what is allowed."""
        if value is None and self.default is None:
            return None
        if not self.check(value):
            raise InvalidValue(self.allowed)
        return self.convert(value)


def _choice(default: str | None, meaning: str, *names: str) -> RequestField:
    return RequestField(
        default, " or ".join(f'"{name}"' for name in names), lambda value: value in names, meaning
    )


_BUCKET = "a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens"
_DATA_KEY = (
    "an object key, or a folder's that ends in /: 1 to 1024 bytes of text, no s3:// address (its bucket and its key "
    "are two fields)"
)
_SHARE = "a number from 0 to 1"

# A default of None means "absent"; bucket, key and the artifact pair get theirs from the environment.
REQUEST_FIELDS: dict[str, RequestField] = {
    "bucket": RequestField("", _BUCKET, is_bucket, "bucket of the CSV"),
    "key": RequestField(
        "", _DATA_KEY, is_data_key, "key of the CSV; one that ends in / means all objects under it"
    ),
    "version_id": RequestField(
        None,
        "a version id of that object",
        is_text,
        "version of the CSV; the newest when absent. Of no folder",
    ),
    "delimiter": RequestField(
        None,
        "one ASCII character that is no letter, digit, space, quote, line end or any of . + - _",
        is_delimiter,
        "between the cells; found from the header and the first rows when absent",
    ),
    "skip_lines": RequestField(
        0, "an integer with 0 <= x <= 1000", is_line_count, "lines above the header that are not read"
    ),
    "escape": RequestField(
        None,
        '"\\\\"',
        lambda value: value == "\\",
        "the backslash: it stands before a quote or delimiter that is part of a cell; doubled quotes are read always",
    ),
    "label_column": RequestField("label", "a column name", is_text, "the class column"),
    "feature_columns": RequestField(
        None,
        "a list of distinct column names",
        is_column_list,
        "the features, in order; every column that can be one when absent",
        tuple,
    ),
    "exclude_columns": RequestField(
        None, "a list of distinct column names", is_column_list, "columns to leave out", tuple
    ),
    "columns": RequestField(
        None,
        'an object of column names, each with "number" or "number:1,234.5" (that is how 1234.5 is written there), '
        '"date", "date:day-first" or "date:month-first", "category"',
        is_column_kinds,
        "what a column is, where its cells do not tell, or tell otherwise",
    ),
    "missing_values": RequestField(
        None,
        "a list of distinct texts",
        is_column_list,
        "cells that stand for a missing one (in any case), beside the usual ones; numbers by their value",
        tuple,
    ),
    "time_column": RequestField(
        None,
        "a column name",
        is_text,
        "the column that orders the rows; when absent, the first of dates that rise or fall with them",
    ),
    "test_size": RequestField(
        0.2,
        "a number with 0 < x < 1",
        is_open_share,
        "share of rows held out: ceil(rows * test_size)",
        float,
    ),
    "split": _choice(
        "auto",
        "chronological: the last rows in time are the test rows; shuffled: a seeded draw of each class; auto: "
        "chronological where a column of dates orders the rows, else shuffled",
        "auto",
        "chronological",
        "shuffled",
    ),
    "seed": RequestField(0, "an integer with 0 <= x < 2**63", is_seed, "seed of the shuffled split"),
    "model": _choice(
        "auto",
        "auto: the best of all, or their blend, chosen by cross-validation on the train rows; else that family alone",
        "auto",
        "gaussian",
        "logistic",
        "boosted_trees",
    ),
    "covariance": _choice(
        None,
        "of model gaussian, which it means where no model is named; diagonal: naive Bayes; pooled (its default): "
        "LDA; full: QDA",
        "diagonal",
        "pooled",
        "full",
    ),
    "positive_class": RequestField(
        None,
        "one of the two classes",
        is_text,
        "of two classes the one that precision, recall, F1 and min_f1 are about; when absent the one called 1, yes or "
        "true (or y or t), else the rarer one of the train rows",
    ),
    "threshold": RequestField(
        0.5,
        'a number with 0 < x < 1, or "f1"',
        lambda value: value == F1 or is_open_share(value),
        "a row is predicted positive where the positive class has this probability or more; f1: where F1 is highest "
        "on train rows that the model had not seen. Of two classes; of more the most probable one is predicted",
        lambda value: value if value == F1 else float(value),
    ),
    "fit_rows": RequestField(
        None,
        "an integer with 100 <= x <= 1,000,000",
        is_row_count,
        "train rows that models other than the Gaussian are fitted on at most, drawn evenly; when absent 50,000, and "
        "fewer where columns and classes are many",
    ),
    "refit_all": RequestField(
        False,
        "true or false",
        is_flag,
        "true: the published model is fitted once more, on train and test rows, after the evaluation",
    ),
    "sensitive_columns": RequestField(
        None,
        "a list of 1 to 10 distinct column names",
        is_short_column_list,
        "categories by whose groups the errors on the test rows are told, on the card and in the artifact; each stays "
        "a feature unless exclude_columns or feature_columns leaves it out",
        tuple,
    ),
    "max_invalid_rows": RequestField(
        0.0, _SHARE, is_share, "share of rows that may be dropped as invalid", float
    ),
    "min_accuracy": RequestField(None, _SHARE, is_share, "below this accuracy nothing is published", float),
    "min_balanced_accuracy": RequestField(
        None, _SHARE, is_share, "below this mean of the classes' recalls nothing is published", float
    ),
    "min_f1": RequestField(None, _SHARE, is_share, "below this F1 nothing is published", float),
    "min_roc_auc": RequestField(
        None, _SHARE, is_share, "below this area under the ROC curve nothing is published", float
    ),
    "baseline_gate": _choice(
        "not_worse",
        "not_worse: nothing is published where the verdict is worse than a constant answer; better: nothing where it "
        "is not better; off: whatever the verdict is",
        "not_worse",
        "better",
        "off",
    ),
    "max_regression": RequestField(
        None,
        _SHARE,
        is_share,
        "accuracy (with the threshold 0.5) or F1 lower than the current model's on the same test rows by more than "
        "this, and nothing is published",
        float,
    ),
    "max_drift": RequestField(
        None,
        "a number >= 0",
        is_index,
        "a column, or the classes, whose population stability index since the current model's dataset is larger, and "
        "nothing is published",
        float,
    ),
    "artifact_bucket": RequestField("", _BUCKET, is_bucket, "bucket of the run's files and the artifact"),
    "artifact_key": RequestField(
        "",
        f"an object key: 1 to {ARTIFACT_KEY_BYTES} bytes of text that does not end in / and lies neither under "
        f"{' nor '.join(RESERVED_PREFIXES)} nor in a folder named versions",
        is_artifact_key,
        "key of the artifact; for a CSV other than the default one the same folder and the CSV's key below its own "
        "folder, as in data/eu/iris.csv.gz and models/eu/iris.pkl",
    ),
    "force": RequestField(
        False,
        "true or false",
        is_flag,
        "true: do the steps anew that an earlier run of the same work finished",
    ),
}
