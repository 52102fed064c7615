"""What an artifact holds, as types: the members that the card reads, for whoever reads and whoever checks.

schemas/artifact.schema.json says what values they may have. What is in `model`, its family knows.
"""

from typing import Any, Literal, NotRequired, TypedDict

from publish_artifact.explanation_types import Explanation
from publish_artifact.group_types import ColumnGroups
from shared.verdict_words import Outcome


class Dataset(TypedDict):
    bucket: str
    key: str
    version_id: str | None
    etag: str
    bytes: int
    objects: NotRequired[int]
    rows: int
    invalid_rows: int
    problems: dict[str, int]


class Split(TypedDict):
    method: str
    seed: int
    train_rows: int
    test_rows: int


class Metrics(TypedDict):
    accuracy: float
    accuracy_low: NotRequired[float]
    accuracy_high: NotRequired[float]
    baseline_accuracy: float
    f1: float


class ClassFigures(TypedDict):
    precision: float
    recall: float
    f1: float
    support: int


class ConfusionMatrix(TypedDict):
    """counts[i][j]: rows of class labels[i] that were taken for labels[j]."""

    labels: list[str]
    counts: list[list[int]]


class Roc(TypedDict):
    area: float
    false_positives: list[int]
    true_positives: list[int]


class Reliability(TypedDict):
    """By bin of predicted probability; mean_probability is None where a bin is empty."""

    rows: list[int]
    hits: list[int]
    mean_probability: list[float | None]


class PrecisionRecall(TypedDict):
    """By rising recall."""

    average_precision: float
    recall: list[float]
    precision: list[float]


# `class` is no name that a class statement could give a member.
Curves = TypedDict(
    "Curves",
    {
        "class": str,
        "roc": Roc | None,
        "precision_recall": PrecisionRecall | None,
        "reliability": Reliability,
    },
)


class AtThreshold(TypedDict):
    """Of two classes: the positive one where a row is flagged at a threshold or more; flagged: share of rows."""

    threshold: float
    precision: float
    recall: float
    f1: float
    flagged: float


class Evaluation(TypedDict):
    positive_class: str | None
    majority_class: str
    per_class: dict[str, ClassFigures]
    confusion_matrix: ConfusionMatrix
    thresholds: list[AtThreshold]
    only_in_train: list[str]
    only_in_test: list[str]
    intervals: NotRequired[dict[str, list[float] | None]]
    curves: NotRequired[list[Curves]]
    roc_auc_error: NotRequired[float]


class Decision(TypedDict):
    """positive_class, threshold: None of more than two classes."""

    positive_class: str | None
    rule: str
    threshold: float | None


class Column(TypedDict):
    """A column of the CSV. reason: of one that is left out; statistics: of a feature, by its kind."""

    name: str
    role: Literal["feature", "label", "left_out"]
    reason: NotRequired[str]
    kind: NotRequired[str]
    statistics: NotRequired[dict[str, Any]]


class ColumnProfile(TypedDict):
    """edges: of a number or date; values: of a flag or category. train, test: by class, rows by bin."""

    kind: str
    edges: NotRequired[list[float]]
    values: NotRequired[list[str]]
    train: dict[str, list[int]]
    test: dict[str, list[int]]
    missing: dict[str, int]


class Profiles(TypedDict):
    """rows: counted, by side; classes: names, of which "" stands for all that have no name of their own."""

    rows: dict[str, int]
    classes: list[str]
    columns: dict[str, ColumnProfile]
    columns_left_out: int


class ClassRows(TypedDict):
    name: str
    rows: int
    train_rows: int


class Comparison(TypedDict):
    """The model beside a constant answer on the same test rows; difference: how much better the model is."""

    what: Literal["log loss", "accuracy", "ranking"]
    model: float
    reference: float
    against: str
    difference: float
    interval: list[float]
    p_value: float | None
    method: str


class Verdict(TypedDict):
    """Whether the model is worth more than a constant answer; `shared.verdict_words` has the outcomes' words."""

    outcome: Outcome
    sentence: str
    reasons: list[str]
    comparisons: list[Comparison]


class Regression(TypedDict):
    """The model that was current when the run began. metrics: where compared on this run's test rows, else on its own;
    {} of a model of other data or another label."""

    compared: bool
    why_not: str | None
    current: str | None
    metrics: dict[str, float | None]


class TestRows(TypedDict):
    """Where the run keeps what the model said of each test row (shared.test_rows)."""

    bucket: str
    key: str
    sha256: str


class Lineage(TypedDict):
    run_id: str
    execution_arn: str | None
    code_version: str
    created_at: str
    test_rows: TestRows
    regression: NotRequired[Regression | None]  # of version 3
    drift: NotRequired[dict[str, Any] | None]  # as shared.drift makes it, with against and why_not


class Choice(TypedDict):
    """How the model was chosen. members, leaderboard: candidates, each with kind, options and figures."""

    members: list[dict[str, Any]]
    leaderboard: list[dict[str, Any]]
    folds: int
    forward: bool
    fit_rows: int
    draws: NotRequired[int]
    families_left_out: dict[str, str]


class Artifact(TypedDict):
    schema_version: int
    warnings: list[str]
    verdict: NotRequired[Verdict]  # artifacts of version 1 and 2 have none
    groups: NotRequired[list[ColumnGroups]]  # of version 3
    signature: dict[str, Any]
    model: dict[str, Any]
    choice: Choice | None
    metrics: Metrics
    decision: Decision
    evaluation: Evaluation
    explanation: Explanation
    split: Split
    profiles: Profiles
    columns: list[Column]
    classes: list[ClassRows]
    dataset: Dataset
    request: dict[str, Any]
    lineage: Lineage
