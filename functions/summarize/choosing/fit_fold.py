"""One fold's work: each candidate is fitted on the rows of the other folds. What comes of it is for `choose` to judge.

The result holds fitted models, and nothing that grows with the rows.
"""

from collections.abc import Iterator, Sequence
from itertools import repeat

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.protocol import Model
from shared.model.registry import BOOSTED_TREES, LOGISTIC, family
from shared.model.rows import Feature, Rows
from summarize.choosing.candidates import Candidate

# Of logistic regressions that are compared: on the public tables the log loss is then right to three digits or more.
_TOLERANCE = 1e-5
_MAX_ITERATIONS = 100


def fold_result(
    train: Rows,
    held_out: Rows,
    features: Sequence[Feature],
    classes: Sequence[str],
    compared: Sequence[Candidate],
    seed: int,
) -> Json:
    """`fitted`: in the order of the candidates, what came of each: `model` (its JSON, with the classes that the train
    rows held), or `failed`, why there is none. Boosted trees bring `losses` along, the held-out log loss with the
    first t rounds, for each t.

    Nothing is fitted, and `fitted` is empty, where the train rows hold fewer than two classes, or no row is held out.
    """
    if len(set(train.labels)) < 2 or not held_out.labels:
        return {"fitted": []}
    logistic = _logistic(train, features, classes, compared)
    fitted: list[Json] = []
    for candidate in compared:
        try:
            if candidate.kind == BOOSTED_TREES.kind:
                options = {**candidate.options, "seed": seed}
                trees, losses = BOOSTED_TREES.fit_watching(train, held_out, features, classes, options)
                fitted.append({**_told(trees), "losses": losses})
            elif candidate.kind == LOGISTIC.kind:
                fitted.append(next(logistic))
            else:
                model = family(candidate.kind).fit([train], features, classes, candidate.options)
                fitted.append(_told(model))
        except InvalidDatasetError as error:
            fitted.append({"failed": str(error)})
    return {"fitted": fitted}


def _logistic(
    train: Rows, features: Sequence[Feature], classes: Sequence[str], compared: Sequence[Candidate]
) -> Iterator[Json]:
    """What came of each strength, one after the other: a model is a good start for the next."""
    strengths = [c.options["strength"] for c in compared if c.kind == LOGISTIC.kind]
    try:
        models = LOGISTIC.fit_each([train], features, classes, strengths, _TOLERANCE, _MAX_ITERATIONS)
        yield from map(_told, models)
    except InvalidDatasetError as error:  # of the data, so of every strength
        yield from repeat({"failed": str(error)})


def _told(model: Model) -> Json:
    return {"model": {"classes": model.classes, **model.to_json()}}
