"""Which model a run publishes: the Gaussian as it was asked for, or what the folds choose."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from shared.contracts import ValidatedDataset
from shared.errors import InvalidDatasetError, InvalidRequestError
from shared.event_fields import Json
from shared.folds import FEWEST_ROWS, Fold, fold_count, folds_of
from shared.model.decision import F1, HALF, Decision, default_positive_class, rule_of
from shared.model.protocol import Model
from shared.model.registry import BOOSTED_TREES, GAUSSIAN, family, model_from_json, model_to_json
from shared.model.rows import Feature
from shared.object_store import ObjectStore
from shared.run_files import read_document
from summarize.choosing.candidates import Candidate, candidates, families_left_out
from summarize.choosing.choose import choose
from summarize.choosing.final import final_model
from summarize.choosing.fit_fold import fold_result
from summarize.choosing.fitting_rows import FIT_SECONDS, FittingRows
from summarize.choosing.fitting_time import fold_seconds
from summarize.choosing.fold_task import found_fold, write_fold
from summarize.choosing.learned import Learned
from summarize.rows.range_moments import RangeMoments


@dataclass(frozen=True)
class ModelChoice:
    """model: fitted to train rows alone, and evaluated; published: the same one, or with refit_all the same members
    fitted once more to train and test rows, of which the evaluation says nothing.

    choice: what the folds said, None where no model was to be chosen; decision: what is predicted of a probability.
    """

    model: Model
    published: Model
    decision: Decision
    choice: Json | None

    def to_json(self) -> Json:
        return {
            "model": model_to_json(self.model),
            "published": None if self.published is self.model else model_to_json(self.published),
            "decision": self.decision.to_json(),
            "choice": self.choice,
        }

    @classmethod
    def from_json(cls, value: Json, features: Sequence[Feature]) -> Self:
        """The choice that `to_json` wrote; features: of the encoding that it was made with."""
        model = model_from_json(value["model"], features)
        refitted = value["published"]
        published = model_from_json(refitted, features) if refitted else model
        return cls(model, published, Decision.from_json(value["decision"]), value["choice"])


def choose_model(
    dataset: ValidatedDataset,
    request: Json,
    learned: Learned,
    moments: RangeMoments | None,
    storage: ObjectStore,
) -> ModelChoice:
    """The model for a request. moments: of all ranges, for the Gaussian (`gaussian_options`).

    Raises InvalidDatasetError where none can be fitted, InvalidRequestError where the folds are more than one
    invocation has time for.
    """
    data = learned.data
    positive_class = request["positive_class"] or default_positive_class(data.split.train_rows_per_class)
    by_f1 = rule_of(request["threshold"]) == F1 and positive_class is not None
    positive = data.classes.index(positive_class) if by_f1 and positive_class is not None else None
    folds = dataset.folds or folds_of(request, data.rows)
    if folds:
        found = _by_folds(dataset, folds, request, learned, storage, positive)
    else:
        found = _without_folds(request, learned, moments, positive)
    return ModelChoice(
        found.model,
        _refitted(found, request, learned, moments) if request["refit_all"] else found.model,
        _decision(request, positive_class, found.threshold),
        found.choice,
    )


@dataclass(frozen=True)
class _Found:
    """members: kind, options and weight of each; threshold: that of the highest F1, where the request asks for it."""

    model: Model
    members: Sequence[Json]
    choice: Json | None
    threshold: float | None


def _by_folds(
    dataset: ValidatedDataset,
    folds: Sequence[Fold],
    request: Json,
    learned: Learned,
    storage: ObjectStore,
    positive: int | None,
) -> _Found:
    fitting = learned.fitting_rows(request, candidates(request["model"], len(learned.data.classes)))
    results = _results(dataset, folds, fitting, storage)
    held_out = [fitting.fold(fold)[1] for fold in folds]
    chosen = choose(held_out, results, fitting.features, fitting.classes, fitting.compared, positive)
    threshold = chosen.pop("threshold", None)
    of_folds = [] if fitting.forward else _boosted_trees(fitting, results)
    rows = fitting.of_fold(0)
    model = final_model(rows, chosen["members"], of_folds, fitting.features, fitting.classes)
    choice = {
        **chosen,
        "folds": len(folds),
        "forward": fitting.forward,
        "fit_rows": len(rows.labels),
        "draws": len(folds) if fitting.own else 1,
        "families_left_out": families_left_out(request["model"], len(fitting.classes)),
    }
    return _Found(model, chosen["members"], choice, threshold)


def _refitted(found: _Found, request: Json, learned: Learned, moments: RangeMoments | None) -> Model:
    """The chosen model fitted once more, on train and test rows."""
    features, classes = learned.encoding.features, learned.data.classes
    if moments:
        (member,) = found.members
        return GAUSSIAN.fit_gathered(moments.all, features, classes, member["options"])
    fitting = learned.fitting_rows(request, [])
    # No more rows than the folds were fitted on: these are what the time allows.
    most = found.choice["fit_rows"] if found.choice else fitting.rows
    return final_model(fitting.of_all(max(most, 1)), found.members, [], features, classes)


def _decision(request: Json, positive_class: str | None, threshold: float | None) -> Decision:
    """What is predicted of a probability; positive_class: None of more than two classes."""
    if positive_class is None:
        return Decision(None, HALF, None)
    return Decision(
        positive_class,
        rule_of(request["threshold"]),
        request["threshold"] if threshold is None else threshold,
    )


def gaussian_options(request: Json) -> Json | None:
    """Of the Gaussian that was asked for, which is fitted to moments; None where a model is chosen on drawn rows."""
    return {"covariance": request["covariance"]} if request["model"] == GAUSSIAN.kind else None


def _without_folds(
    request: Json, learned: Learned, moments: RangeMoments | None, positive: int | None
) -> _Found:
    """The Gaussian; or of what was asked for the simplest, where there are too few rows to choose by."""
    features, classes = learned.encoding.features, learned.data.classes
    options = gaussian_options(request)
    model: Model
    if moments and options:
        only = Candidate(GAUSSIAN.kind, options)
        model = GAUSSIAN.fit_gathered(moments.train, features, classes, options)
    else:
        only = candidates(request["model"], len(classes))[0]
        rows = learned.fitting_rows(request, [only]).of_fold(0)
        model = family(only.kind).fit([rows], features, classes, only.options)
    threshold = None if positive is None else _threshold(request, learned, only, positive)
    return _Found(model, [{"kind": only.kind, "options": only.options, "weight": 1.0}], None, threshold)


def _threshold(request: Json, learned: Learned, only: Candidate, positive: int) -> float:
    """By folds of the train rows, as where models are compared, though there is but one model."""
    fitting = learned.fitting_rows(request, [only])
    if fitting.rows < FEWEST_ROWS:
        raise InvalidDatasetError(
            f'threshold "f1" is chosen on folds of the train rows, and {fitting.rows} are too few; give a number'
        )
    count = fold_count(fitting.rows)
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
    each = fold_seconds(fitting.rows, fitting.features, len(fitting.classes), fitting.compared)
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
