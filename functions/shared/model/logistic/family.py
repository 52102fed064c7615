"""Logistic regression as a family: rows are gathered, columns standardised, and the penalised log loss minimised."""

from collections.abc import Iterable, Iterator, Sequence

from shared.errors import InvalidDatasetError
from shared.event_fields import Json
from shared.model.logistic.design import Design
from shared.model.logistic.lbfgs import minimise
from shared.model.logistic.objective import PenalisedLoss
from shared.model.logistic.regression import LogisticRegression
from shared.model.logistic.terms import MIN_ROWS_OF_A_VALUE, terms_of
from shared.model.rows import Feature, Rows, gathered

TOLERANCE = 1e-10  # of the mean log loss's derivatives: coefficients are then good to 1e-6
MAX_ITERATIONS = 500  # each about two gradients; a dozen is usual


class LogisticFamily:
    """options: `strength`, scikit-learn's C."""

    kind = LogisticRegression.kind

    def fit(
        self, rows: Iterable[Rows], features: Sequence[Feature], classes: Sequence[str], options: Json
    ) -> LogisticRegression:
        return next(self.fit_each(rows, features, classes, [options["strength"]]))

    def fit_each(
        self,
        rows: Iterable[Rows],
        features: Sequence[Feature],
        classes: Sequence[str],
        strengths: Sequence[float],
        tolerance: float = TOLERANCE,
        max_iterations: int = MAX_ITERATIONS,
    ) -> Iterator[LogisticRegression]:
        """A model per strength, in order; each but the first starts from the one before it.

        Where models are compared, and not published, a wider tolerance and fewer steps tell as much.
        """
        table = gathered(rows, features)
        found = sorted(set(table.labels))
        if len(found) < 2:
            raise InvalidDatasetError(
                f"the training rows hold only the class {classes[found[0]]!r}; at least two are needed "
                '(split "shuffled" mixes the rows before they are divided)'
            )
        terms, left_out = terms_of(table.columns, features)
        if not terms:
            raise InvalidDatasetError(
                "every feature is constant in the training rows, or has no value that "
                f"{MIN_ROWS_OF_A_VALUE} of them have, so no model can be fitted"
            )
        place = {label: k for k, label in enumerate(found)}
        labels = [place[label] for label in table.labels]
        design = Design(table.columns, terms, len(labels))
        point = None
        for strength in strengths:
            loss = PenalisedLoss(design, labels, len(found), strength)
            start = loss.start() if point is None else point
            point = minimise(loss, start, tolerance, max_iterations, loss.preconditioner()).point
            yield LogisticRegression.of_heads(
                loss.by_head(point), terms, features, left_out, [classes[k] for k in found], strength
            )

    def from_json(
        self, value: Json, features: Sequence[Feature], classes: Sequence[str]
    ) -> LogisticRegression:
        return LogisticRegression.from_json(value, features, classes)


LOGISTIC = LogisticFamily()
