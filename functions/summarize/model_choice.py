"""Which model a run publishes: the Gaussian as it was asked for, or what the folds choose."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from shared.contracts import ValidatedDataset
from shared.errors import InvalidDatasetError, InvalidRequestError
from shared.event_fields import Json
from shared.folds import FEWEST_ROWS, Fold, fold_count, folds_of
from shared.model.decision import F1, rule_of
from shared.model.protocol import Model
from shared.model.registry import BOOSTED_TREES, GAUSSIAN, family
from shared.model.rows import Rows, gathered
from shared.object_store import ObjectStore
from shared.run_files import read_document
from summarize.candidates import Candidate, candidates, families_left_out
from summarize.choose import choose
from summarize.final import final_model
from summarize.fit_fold import fold_result
from summarize.fitting_rows import FIT_SECONDS, FittingRows, drawn
from summarize.fitting_time import fold_seconds
from summarize.fold_task import found_fold, write_fold
from summarize.training_data import TrainingData


@dataclass(frozen=True)
class ModelChoice:
    """model: fitted to train rows alone; choice: what the folds said, None where no model was to be chosen.

    threshold: that of the highest F1, where the request asks for it.
    """

    model: Model
    members: Sequence[Json]
    choice: Json | None
    threshold: float | None = None


def choose_model(
    dataset: ValidatedDataset,
    request: Json,
    data: TrainingData,
    storage: ObjectStore,
    positive_class: str | None,
) -> ModelChoice:
    """The model for a request. Raises InvalidDatasetError where none can be fitted, InvalidRequestError where the
    folds are more than one invocation has time for."""
    by_f1 = rule_of(request["threshold"]) == F1 and positive_class is not None
    positive = data.classes.index(positive_class) if by_f1 else None
    folds = dataset.folds or folds_of(request, sum(data.rows_per_class.values()))
    if not folds:
        return _without_folds(request, data, positive)
    fitting = FittingRows.of(data, request, candidates(request["model"], len(data.classes)))
    results = _results(dataset, folds, fitting, storage)
    held_out = [fitting.fold(fold)[1] for fold in folds]
    chosen = choose(held_out, results, fitting.features, fitting.classes, fitting.compared, positive)
    threshold = chosen.pop("threshold", None)
    of_folds = [] if fitting.forward else _boosted_trees(fitting, results)
    model = final_model(fitting.rows, chosen["members"], of_folds, fitting.features, fitting.classes)
    choice = {
        **chosen,
        "folds": len(folds),
        "forward": fitting.forward,
        "fit_rows": len(fitting.rows.labels),
        "families_left_out": families_left_out(request["model"], len(data.classes)),
    }
    return ModelChoice(model, chosen["members"], choice, threshold)


def refitted(chosen: ModelChoice, request: Json, data: TrainingData) -> Model:
    """The chosen model fitted once more, on train and test rows: after the evaluation, which says nothing of it."""
    features, classes = data.encoding.features, data.classes

    def blocks() -> Iterator[Rows]:
        return chain(data.train(), data.test())

    if chosen.choice is None:
        (member,) = chosen.members
        return family(member["kind"]).fit(blocks(), features, classes, member["options"])
    rows = sum(data.rows_per_class.values())
    # No more rows than the folds were fitted on: these are what the time allows.
    most = max(chosen.choice["fit_rows"], 1)
    table = gathered(drawn(blocks, rows, classes, most, request["seed"]), features)
    return final_model(table, chosen.members, [], features, classes)


def _without_folds(request: Json, data: TrainingData, positive: int | None) -> ModelChoice:
    """The Gaussian; or of what was asked for the simplest, where there are too few rows to choose by."""
    if request["model"] == GAUSSIAN.kind:
        kind, options = GAUSSIAN.kind, {"covariance": request["covariance"]}
    else:
        simplest = candidates(request["model"], len(data.classes))[0]
        kind, options = simplest.kind, simplest.options
    model = family(kind).fit(data.train(), data.encoding.features, data.classes, options)
    threshold = None if positive is None else _threshold(request, data, Candidate(kind, options), positive)
    return ModelChoice(model, [{"kind": kind, "options": options, "weight": 1.0}], None, threshold)


def _threshold(request: Json, data: TrainingData, only: Candidate, positive: int) -> float:
    """By folds of the train rows, as where models are compared, though there is but one model."""
    fitting = FittingRows.of(data, request, [only])
    rows = len(fitting.rows.labels)
    if rows < FEWEST_ROWS:
        raise InvalidDatasetError(
            f'threshold "f1" is chosen on folds of the train rows, and {rows} are too few; give a number'
        )
    count = fold_count(rows)
    folds = [fitting.fold(Fold(index, count)) for index in range(count)]
    about = (fitting.features, fitting.classes, fitting.compared)
    results = [fold_result(train, held_out, *about, fitting.seed) for train, held_out in folds]
    return choose([held_out for _, held_out in folds], results, *about, positive)["threshold"]


def _results(
    dataset: ValidatedDataset, folds: Sequence[Fold], fitting: FittingRows, storage: ObjectStore
) -> list[Json]:
    """What was fitted for each fold: by the state machine's FitFolds, else by an earlier run or here."""
    if all(fold.result for fold in folds):
        run_id = dataset.run.run_id
        return [read_document(storage, fold.result, "fold", run_id) for fold in folds if fold.result]
    force = dataset.run.conditions.force
    found = [None if force else found_fold(dataset, fold, storage) for fold in folds]
    each = fold_seconds(len(fitting.rows.labels), fitting.features, len(fitting.classes), fitting.compared)
    left = each * found.count(None)
    if left > FIT_SECONDS:
        raise InvalidRequestError(
            f"choosing a model takes {len(folds)} folds of up to {each:.0f} s, and one invocation has "
            f"{FIT_SECONDS:.0f} s for them: start the state machine, which fits them side by side (stepfunctions "
            'start-execution), lower fit_rows, or ask for model "gaussian"'
        )
    return [
        done[1] if done else write_fold(dataset, fold, fitting, storage)[1]
        for fold, done in zip(folds, found, strict=True)
    ]


def _boosted_trees(fitting: FittingRows, results: Sequence[Json]) -> list[Json]:
    """The boosted trees of each fold that has some."""
    place = next((i for i, one in enumerate(fitting.compared) if one.kind == BOOSTED_TREES.kind), None)
    if place is None:
        return []
    found = [result["fitted"][place] for result in results if result["fitted"]]
    return [one["model"] for one in found if "model" in one]
