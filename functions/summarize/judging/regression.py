"""The model that was current when the run began, on this run's test rows: what `max_regression` compares with."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from shared.artifact_keys import dataset_name
from shared.contracts import ValidatedDataset
from shared.csv_file.kinds import FLAG
from shared.event_fields import Json, shown
from shared.model.decision import Decision
from shared.model.encoding import Input
from shared.model.predictor import InvalidArtifactError, Predictor, UnpredictableRowError
from summarize.judging.current_model import FoundModel
from summarize.rows.split import CHRONOLOGICAL
from summarize.rows.training_data import RangeRows
from summarize.scoring.evaluation import Evaluation

# Evaluations of the current model, or why there are none.
type Scored = Evaluation | str
_TOO_FAR = "a test row is too far from its train rows to be predicted"
# As its schema says, and no model all the same: whoever may write the bucket may have put it there.
_NO_MODEL = "what was published before is no model that can be asked"
_OF_A_CLASS = ("precision", "recall", "f1", "average_precision")


@dataclass(frozen=True)
class Compared:
    """The current model beside a run's. predictor: what is to be scored on the run's test rows; None where that is not
    to be, or need not, and `metrics` are what is known of it. why_not: why these are not on the run's test rows."""

    current: str | None
    why_not: str | None
    metrics: Json
    predictor: Predictor | None = None

    def told(self, scored: Scored | None, majority_class: str) -> Json:
        """`regression` of a step's output; scored: what came of asking the predictor, where there is one."""
        why_not, metrics = self.why_not, self.metrics
        if isinstance(scored, Evaluation):
            metrics = scored.metrics(majority_class)
        elif scored is not None:
            why_not = scored
            metrics = {} if scored == _NO_MODEL else metrics
        return {
            "compared": why_not is None,
            "why_not": why_not,
            "current": self.current,
            "metrics": metrics,
        }


def regression_since(
    current: FoundModel,
    dataset: ValidatedDataset,
    manifest: Json,
    summary: Json,
    score: Callable[[Compared], Scored],
) -> Json | None:
    """`regression` of a step's output; None where nothing was published when the run began, or the run's own model.

    compared: whether metrics are on this run's test rows. They are where the current model was measured on the same
    ones, and where max_regression asks for it to be scored on them. Where not, `why_not` says why, and metrics are
    those on its own test rows; none of a model of other data or of another label, which is compared with nothing.
    current: its SHA-256. score: asks the current model for the test rows.
    """
    compared = compared_with(current, dataset, manifest, summary)
    if compared is None:
        return None
    scored = score(compared) if compared.predictor else None
    return compared.told(scored, summary["evaluation"]["majority_class"])


def compared_with(
    current: FoundModel, dataset: ValidatedDataset, manifest: Json, summary: Json
) -> Compared | None:
    """How the current model is compared. Of the summary it takes `run_id`, `split` and `decision`."""
    before = dataset.run.conditions.current_model
    if before is None or current.is_of_run(summary["run_id"]):
        return None
    if current.artifact is None:
        return Compared(current.sha256, current.why_not, {})
    if reason := _of_something_else(current.artifact, manifest):
        return Compared(current.sha256, reason, {})
    own = _comparable(before.metrics, current.artifact, summary)
    if _has_same_test_rows(current.artifact, manifest, summary):
        return Compared(current.sha256, None, own)
    if reason := _not_to_be_scored(current.artifact, manifest, summary):
        return Compared(current.sha256, reason, own)
    try:
        predictor = Predictor(current.artifact)
    except (InvalidArtifactError, ArithmeticError):
        return Compared(current.sha256, _NO_MODEL, {})
    if reason := _unread(predictor.inputs, manifest):
        return Compared(current.sha256, reason, own)
    return Compared(current.sha256, None, own, predictor)


def score_current(rows: RangeRows, predictor: Predictor, summary: Json) -> Scored:
    """The current model on the test rows of a range, by its own threshold; why not, where it cannot be asked.

    What precision, recall and F1 are about, the summary's `decision` says.
    """
    data = rows.data
    decision = Decision.from_json(summary["decision"])
    evaluation = Evaluation.of_rows(data.split.test_rows, predictor.classes, decision)
    known = {name: k for k, name in enumerate(predictor.classes)}
    try:
        for block in rows.blocks(predictor.encoding, test=True):
            found = predictor.predict_encoded(block.columns)
            labels = list(map(data.classes.__getitem__, block.labels))
            evaluation.add(labels, found.probabilities, [known[label] for label in found.labels])
    except UnpredictableRowError:
        return _TOO_FAR
    except ArithmeticError:
        return _NO_MODEL
    return evaluation


def merged_scores(of_ranges: Iterable[Scored]) -> Scored:
    """Of all ranges, which come in their order; the first reason, where one of them has one."""
    merged: Evaluation | None = None
    for scored in of_ranges:
        if isinstance(scored, str):
            return scored
        merged = merged.merge(scored) if merged else scored
    assert merged is not None  # there are test rows
    return merged


def _of_something_else(artifact: Json, manifest: Json) -> str | None:
    """Why the two models are not about the same question; None where they are."""
    before, now = artifact["dataset"], manifest["source"]
    if before["bucket"] != now["bucket"] or dataset_name(before["key"]) != dataset_name(now["key"]):
        return f"it is a model of other data, {shown(before['key'])} in {shown(before['bucket'])}"
    label = artifact["request"]["label_column"]
    if label != manifest["request"]["label_column"]:
        return f"it is a model of another label, {shown(label)}"
    if {entry["name"] for entry in artifact["classes"]} != manifest["report"]["classes"].keys():
        return "its classes are others"
    return None


def _comparable(own: Json, artifact: Json, summary: Json) -> Json:
    """Its own metrics, without those about a class where that is another; before schema_version 3 the second of two."""
    names = sorted(entry["name"] for entry in artifact["classes"])
    positive = names[1] if len(names) == 2 else None
    if "decision" in artifact:
        positive = artifact["decision"]["positive_class"]
    if positive == summary["decision"]["positive_class"]:
        return own
    return {name: value for name, value in own.items() if name not in _OF_A_CLASS}


def _has_same_test_rows(artifact: Json, manifest: Json, summary: Json) -> bool:
    """Whether it was measured on this run's test rows: of the same file, held out in the same way.

    Before schema_version 3 rows were drawn otherwise.
    """
    if artifact["schema_version"] < 3:
        return False
    before, now = artifact["split"], summary["split"]
    held_out_by = ("method", "test_size", "time_order" if now["method"] == CHRONOLOGICAL else "seed")
    rows = {entry["name"]: entry["rows"] for entry in artifact["classes"]}
    return (
        all(artifact["dataset"][name] == manifest["source"][name] for name in ("etag", "bytes"))
        and all(before[name] == now[name] for name in held_out_by)
        and rows == manifest["report"]["classes"]
    )


def _not_to_be_scored(artifact: Json, manifest: Json, summary: Json) -> str | None:
    """Why it is not to be scored on these test rows, in words; None where it is.

    What was fitted on a row is too good at it. Of rows in the order of time those that it was fitted on come first, in
    a file that has grown at its end, too.
    """
    if manifest["request"]["max_regression"] is None:
        return "no max_regression asks for it"
    before, now = artifact["split"], summary["split"]
    fitted = before["train_rows"] + (before["test_rows"] if artifact["request"].get("refit_all") else 0)
    in_order = before["method"] == now["method"] == CHRONOLOGICAL
    if in_order and before.get("time_order") == now["time_order"] and fitted <= now["train_rows"]:
        return None
    return "it may have been fitted on some of these test rows"


def _unread(inputs: tuple[Input, ...], manifest: Json) -> str | None:
    """Which column of these is not read as that kind in this run; None where all are."""
    read = {
        column["name"]: (column["kind"], column["notation"])
        for column in manifest["columns"]
        if column["name"] in manifest["features"]
    }
    for given in inputs:
        if given.name not in read:
            return f"it reads column {shown(given.name)}, and this run does not"
        kind, notation = read[given.name]
        # How numbers and dates are written is told before they come here; the two texts of a flag are its values.
        if given.kind != kind or (kind == FLAG and given.notation != notation):
            return f"it reads column {shown(given.name)} as another kind than {shown(kind)}"
    return None
