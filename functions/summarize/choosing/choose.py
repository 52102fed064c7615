"""Chooses the model by what the folds' models say of rows that they have not seen: settings, rounds of trees, weights.

Test rows have no part in it. Out-of-fold log loss decides throughout; a simpler member stands alone where the blend is
no better than chance would have it.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import sub

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.decision import HALF, Decision
from shared.model.probabilities import geometric_mean, logarithms, over_classes, predicted_of
from shared.model.protocol import Model
from shared.model.registry import BOOSTED_TREES, family
from shared.model.rows import Feature, Rows
from summarize.choosing.candidates import SIMPLEST_FIRST, Candidate
from summarize.choosing.threshold import threshold_of_highest_f1
from summarize.choosing.weights import blend_weights
from summarize.scoring.evaluation import Evaluation

_NEGLIGIBLE = 0.01  # a member with less weight than this costs more than it brings


@dataclass(frozen=True)
class Scored:
    """A candidate and the logarithms of the probabilities (K arrays of n) that it gave to the out-of-fold rows.

    losses: of each of the rows, fold after fold.
    """

    candidate: Candidate
    logs: list[array]
    losses: list[float]


def choose(
    held_out: Sequence[Rows],
    results: Sequence[Json],
    features: Sequence[Feature],
    classes: Sequence[str],
    compared: Sequence[Candidate],
    positive: int | None = None,
) -> Json:
    """`members`, each with kind, options and weight, and the `leaderboard`, by out-of-fold log loss.

    positive: of two classes the index of the one whose F1 decides the `threshold`, which is there then.

    held_out: the rows of each fold; results: `fit_fold.fold_result` of each. An entry of the leaderboard has kind,
    options, log_loss, roc_auc, accuracy and weight (in the chosen model), or `failed`; the blend of all has one too.
    Raises InvalidDatasetError where no candidate was fitted in every fold.
    """
    used = [(rows, found["fitted"]) for rows, found in zip(held_out, results, strict=True) if found["fitted"]]
    if not used:
        raise InvalidDatasetError(
            "no fold forward in time has rows of two classes before it to learn from; "
            'split "shuffled" mixes the rows, and model "gaussian" does without folds'
        )
    labels = [label for rows, _ in used for label in rows.labels]
    scored, failed = [], []
    for place, candidate in enumerate(compared):
        fitted = [found[place] for _, found in used]
        reason = next((one["failed"] for one in fitted if "failed" in one), None)
        if reason is None:
            scored.append(_scored(candidate, fitted, [rows for rows, _ in used], features, classes))
        else:
            failed.append({"kind": candidate.kind, "options": candidate.options, "failed": reason})
    if not scored:
        raise InvalidDatasetError(f"no model could be fitted: {failed[0]['failed']}")
    best = _best_of_each_family(scored)
    members, blend = _members(best, labels)
    board = [
        {
            "kind": one.candidate.kind,
            "options": one.candidate.options,
            **_figures([list(map(math.exp, column)) for column in one.logs], labels, classes),
            "weight": next((weight for member, weight in members if member is one), 0.0),
        }
        for one in scored
    ]
    if len(best) > 1:
        figures = _figures(_mixed(blend), labels, classes)
        board.append({"kind": "blend", "options": {}, **figures, "weight": float(members is blend)})
    chosen: Json = {
        "members": [
            {"kind": one.candidate.kind, "options": one.candidate.options, "weight": weight}
            for one, weight in members
        ],
        "leaderboard": [*sorted(board, key=lambda entry: entry["log_loss"]), *failed],
    }
    if positive is not None:
        chosen["threshold"] = _threshold(_mixed(members)[positive], labels, positive, classes)
    return chosen


def _scored(
    candidate: Candidate,
    fitted: Sequence[Json],
    held_out: Sequence[Rows],
    features: Sequence[Feature],
    classes: Sequence[str],
) -> Scored:
    if candidate.kind == BOOSTED_TREES.kind:
        trees = number_of_trees([one["losses"] for one in fitted], [len(rows.labels) for rows in held_out])
        candidate = Candidate(candidate.kind, {**candidate.options, "trees": trees})
    logs = [array("d") for _ in classes]
    for one, rows in zip(fitted, held_out, strict=True):
        known = tuple(one["model"]["classes"])
        model: Model
        if candidate.kind == BOOSTED_TREES.kind:
            boosted = BOOSTED_TREES.from_json(one["model"], features, known)
            model = boosted.truncated(candidate.options["trees"])
        else:
            model = family(candidate.kind).from_json(one["model"], features, known)
        said = over_classes(model.probabilities(rows.columns), model.classes, classes)
        for column, more in zip(logs, logarithms(said), strict=True):
            column.extend(more)
    labels = [label for rows in held_out for label in rows.labels]
    return Scored(candidate, logs, [-logs[label][row] for row, label in enumerate(labels)])


def number_of_trees(losses: Sequence[Sequence[float]], rows: Sequence[int]) -> int:
    """The rounds with the lowest log loss over all folds together: one number for all of them.

    Were each fold stopped where its own held-out rows like it best, the score of these rows would be flattered. A
    fold that was not fitted so far keeps the loss of its last round.
    """
    longest = max(map(len, losses))
    totals = [
        math.fsum(n * curve[min(t, len(curve) - 1)] for curve, n in zip(losses, rows, strict=True))
        for t in range(longest)
    ]
    return totals.index(min(totals))


def _best_of_each_family(scored: Sequence[Scored]) -> list[Scored]:
    best: dict[str, Scored] = {}
    for one in scored:
        rival = best.get(one.candidate.kind)
        if rival is None or _mean(one.losses) < _mean(rival.losses):
            best[one.candidate.kind] = one
    return list(best.values())


type Weighted = list[tuple[Scored, float]]


def _members(best: Sequence[Scored], labels: Sequence[int]) -> tuple[Weighted, Weighted]:
    """The members of the chosen model with their weights, and those of the blend of all; the same, if it is chosen."""
    weights = blend_weights([one.logs for one in best], labels)
    kept = [one for one, weight in zip(best, weights, strict=True) if weight >= _NEGLIGIBLE]
    weights = blend_weights([one.logs for one in kept], labels)
    blend = [(one, weight) for one, weight in zip(kept, weights, strict=True) if weight > 0.0]
    mixed = _mixed(blend)
    of_blend = [-math.log(mixed[label][row]) for row, label in enumerate(labels)]
    for one in sorted(best, key=lambda one: SIMPLEST_FIRST.index(one.candidate.kind)):
        if within_one_standard_error(one.losses, of_blend):
            return [(one, 1.0)], blend
    return blend, blend


def within_one_standard_error(losses: Sequence[float], of_blend: Sequence[float]) -> bool:
    """Whether the mean difference of a row's two losses is within its own standard error (Breiman et al., 1984).

    Of the paired differences, that is: both models have the same easy and hard rows.
    """
    differences = list(map(sub, losses, of_blend))
    mean = _mean(differences)
    rest = [value - mean for value in differences]
    return mean <= math.sqrt(math.sumprod(rest, rest)) / len(rest)


def _threshold(
    scores: Sequence[float], labels: Sequence[int], positive: int, classes: Sequence[str]
) -> float:
    hits = [label == positive for label in labels]
    if not any(hits):
        raise InvalidDatasetError(
            f'threshold "f1": no row that the folds hold out is of class {classes[positive]!r}; give a number'
        )
    return threshold_of_highest_f1(scores, hits)


def _mixed(members: Weighted) -> list[list[float]]:
    return geometric_mean([one.logs for one, _ in members], [weight for _, weight in members])


def _figures(probabilities: Sequence[Sequence[float]], labels: Sequence[int], classes: Sequence[str]) -> Json:
    two = len(classes) == 2
    decision = Decision(classes[1] if two else None, HALF, 0.5 if two else None)
    evaluation = Evaluation.of_rows(len(labels), classes, decision)
    evaluation.add([classes[label] for label in labels], probabilities, predicted_of(probabilities))
    metrics = evaluation.metrics(classes[0])
    return {name: metrics[name] for name in ("log_loss", "roc_auc", "accuracy")}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
