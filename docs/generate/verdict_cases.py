"""Models and test rows with the verdict that each must get: the table of docs/verdict.md, and the test of the rules.

Every case is what a model says of test rows, made by arithmetic or drawn by a seed; no model is fitted.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

from shared.contracts import Verdict
from shared.model.decision import Decision
from shared.verdict_words import Outcome
from summarize.judging.verdict import Measured, verdict
from summarize.scoring.evaluation import Evaluation
from summarize.scoring.evaluation_counts import ranked
from summarize.scoring.verdict_evidence import Asked, Evidence

_BLOCK = 64  # rows that are taken in at once, as from a part


@dataclass(frozen=True)
class Said:
    """What a model says of test rows.

    classes: the model's; train: train rows by class; labels: of the test rows; probabilities: a tuple of K by row.
    """

    classes: tuple[str, ...]
    train: dict[str, int]
    labels: Sequence[str]
    probabilities: Sequence[Sequence[float]]
    in_order: bool = False
    decision: Decision | None = None


@dataclass(frozen=True)
class Case:
    name: str
    expected: Outcome
    said: Callable[[], Said]


def judged(said: Said) -> Verdict:
    """The verdict, from rows that come in blocks."""
    positive = said.classes[1] if len(said.classes) == 2 else None
    decision = said.decision or Decision(positive, "0.5", None if positive is None else 0.5)
    evaluation, evidence = Evaluation(said.classes, decision), Evidence()
    asked = Asked(
        said.classes,
        tuple(ranked(said.classes, decision)),
        len(said.labels),
        said.in_order,
    )
    for first in range(0, len(said.labels), _BLOCK):
        labels = list(said.labels[first : first + _BLOCK])
        columns = [list(column) for column in zip(*said.probabilities[first : first + _BLOCK], strict=True)]
        predicted = decision.predicted(columns, said.classes)
        losses = evaluation.add(labels, columns, predicted)
        answers = [said.classes[k] for k in predicted]
        evidence = evidence.merge(Evidence.of(asked, first, labels, answers, losses, columns))
    majority = max(sorted(said.train), key=said.train.__getitem__)
    return verdict(
        Measured(
            evaluation,
            evidence,
            said.train,
            Counter(said.labels),
            majority,
            in_order=said.in_order,
            for_accuracy=decision.rule == "0.5",
        )
    )


def of_two(
    train: tuple[int, int],
    labels: Sequence[int],
    of_yes: Sequence[float],
    in_order: bool = False,
    decision: Decision | None = None,
) -> Said:
    """Of two classes, "no" and "yes"; labels: 1 for yes."""
    return Said(
        ("no", "yes"),
        {"no": train[0], "yes": train[1]},
        ["yes" if label else "no" for label in labels],
        [(1.0 - p, p) for p in of_yes],
        in_order,
        decision,
    )


def titanic() -> Said:
    """446 passengers: right on 292, the constant on 276; 26 rows gained and 10 lost."""
    labels = [1] * 26 + [0] * 10 + [1] * 144 + [0] * 266
    return of_two((540, 323), labels, [0.55] * 36 + [0.36] * 410)


def rare_class() -> Said:
    """6 % yes, scores a normal distance apart that gives an area of 0.74, and the probability that they deserve."""
    generator = random.Random(1)
    apart = math.sqrt(2.0) * NormalDist().inv_cdf(0.74)
    labels = [int(i % 50 < 3) for i in range(2000)]
    scores = [generator.gauss(apart * label, 1.0) for label in labels]
    odds = [math.exp(apart * score - apart * apart / 2.0) * 0.06 / 0.94 for score in scores]
    return of_two((7520, 480), labels, [one / (1.0 + one) for one in odds])


def iris_sorted() -> Said:
    """The last 30 of 150 flowers sorted by species."""
    classes = ("setosa", "versicolor", "virginica")
    train = {"setosa": 50, "versicolor": 50, "virginica": 20}
    return Said(
        classes, train, ["virginica"] * 30, [(0.0, 0.1, 0.9)] * 27 + [(0.0, 0.8, 0.2)] * 3, in_order=True
    )


def _walk(rows: int, seed: int, stretch: float) -> list[int]:
    """Labels that stay the same for so many rows on average."""
    generator = random.Random(seed)
    label, labels = 0, []
    for _ in range(rows):
        label ^= generator.random() < 1.0 / stretch
        labels.append(label)
    return labels


def epoch_column() -> Said:
    """A model of the time since 1970 meets later rows: it answers "no" to all, the surer the later."""
    labels = _walk(1200, 3, 4.0)
    return of_two((2400, 2400), labels, [0.2 - 0.15 * i / 1200 for i in range(1200)], in_order=True)


def always_yes() -> Said:
    """91 % yes, and a model that says so to every row: its F1 is 0.954."""
    labels = [int(i % 100 < 91) for i in range(1000)]
    return of_two((360, 3640), labels, [0.91] * 1000)


def few_rows() -> Said:
    labels = [i % 2 for i in range(29)]
    return of_two((60, 60), labels, [0.9 if label else 0.1 for label in labels])


def thirty_rows() -> Said:
    labels = [i % 2 for i in range(30)]
    return of_two((60, 60), labels, [0.9 if label else 0.1 for label in labels])


def noise() -> Said:
    generator = random.Random(5)
    labels = [generator.randrange(2) for _ in range(400)]
    return of_two((800, 800), labels, [generator.uniform(0.4, 0.6) for _ in labels])


def noise_in_time() -> Said:
    """Labels that last, and a score that lasts as long and knows nothing of them."""
    labels, other = _walk(1200, 7, 12.0), _walk(1200, 8, 12.0)
    return of_two((2400, 2400), labels, [0.52 if one else 0.48 for one in other], in_order=True)


def good_in_time() -> Said:
    generator = random.Random(9)
    labels = _walk(1200, 9, 4.0)
    return of_two(
        (2400, 2400),
        labels,
        [min(0.95, max(0.05, generator.gauss(0.65 if label else 0.35, 0.2))) for label in labels],
        in_order=True,
    )


def one_switch() -> Said:
    """All of the first 300 rows are no, all later ones yes: a trend finds that, and it is one event."""
    return of_two((800, 400), [0] * 300 + [1] * 300, [0.2] * 300 + [0.8] * 300, in_order=True)


def sure_of_itself() -> Said:
    """Right on 80 % where the constant is on half, and certain each time: its log loss is far above the constant's."""
    labels = [i % 2 for i in range(500)]
    right = [i % 5 != 0 for i in range(500)]
    return of_two(
        (1000, 1000),
        labels,
        [0.9999999 if label == ok else 0.0000001 for label, ok in zip(labels, right, strict=True)],
    )


def upside_down() -> Said:
    labels = [i % 2 for i in range(300)]
    return of_two((600, 600), labels, [0.35 if label else 0.6 for label in labels])


def threshold_for_f1() -> Said:
    """The rare class again, called from a probability of 0.1 on: right less often than the constant, on purpose."""
    said = rare_class()
    return Said(
        said.classes,
        said.train,
        said.labels,
        said.probabilities,
        decision=Decision("yes", "f1", 0.1),
    )


def drifted_shares() -> Said:
    """Half yes in the train rows, a tenth in the test rows: what leans to no beats the old shares, and no constant."""
    generator = random.Random(11)
    labels = [int(i % 10 == 0) for i in range(1000)]
    return of_two((2000, 2000), labels, [generator.uniform(0.3, 0.5004) for _ in labels], in_order=True)


def two_looks_short() -> Said:
    """18 rows gained and 7 lost: p = 0.043, less than one look would need, more than three may have."""
    labels = [1] * 18 + [0] * 7 + [1] * 82 + [0] * 93
    return of_two((400, 400), labels, [0.501] * 25 + [0.499] * 175)


def new_class() -> Said:
    labels = ["no", "yes"] * 50 + ["maybe"] * 3
    return Said(
        ("no", "yes"),
        {"no": 200, "yes": 200},
        labels,
        [(0.8, 0.2), (0.2, 0.8)] * 50 + [(0.5, 0.5)] * 3,
        in_order=True,
    )


def rare_third_class() -> Said:
    """A class of two rows in 500: none of them comes to the fifth that is held out."""
    labels = ["no", "yes"] * 50
    train = {"maybe": 2, "no": 199, "yes": 199}
    return Said(("maybe", "no", "yes"), train, labels, [(0.0, 0.8, 0.2), (0.0, 0.2, 0.8)] * 50)


def many_rows() -> Said:
    """One point more than the constant, on 20,000 rows: little, and shown."""
    generator = random.Random(13)
    labels = [generator.randrange(2) for _ in range(20_000)]
    right = [generator.random() < 0.52 for _ in labels]
    of_yes = [0.52 if (label == 1) == ok else 0.48 for label, ok in zip(labels, right, strict=True)]
    return of_two((40_000, 40_000), labels, of_yes)


CASES = (
    Case("Titanic: 26 rows gained, 10 lost of 446", "better", titanic),
    Case("a class of 6 % that is never predicted, ROC area 0.74", "better", rare_class),
    Case("the same, with a threshold chosen by F1", "better", threshold_for_f1),
    Case("good on rows in the order of time", "better", good_in_time),
    Case("30 rows, all right", "better", thirty_rows),
    Case("a class so rare that no test row has it", "better", rare_third_class),
    Case("two points above the constant, 20,000 rows", "better", many_rows),
    Case("noise", "not_shown", noise),
    Case("noise that lasts, on labels that last", "not_shown", noise_in_time),
    Case("18 rows gained, 7 lost of 200", "not_shown", two_looks_short),
    Case("class shares that drifted: half yes before, a tenth now", "not_shown", drifted_shares),
    Case("right on 80 % against 50 %, and certain of every answer", "not_shown", sure_of_itself),
    Case('an epoch column: "no" to every later row', "worse", epoch_column),
    Case("upside down", "worse", upside_down),
    Case("29 rows, all right", "cannot_be_judged", few_rows),
    Case("iris sorted by species, the last fifth held out", "cannot_be_judged", iris_sorted),
    Case("a class that only test rows have", "cannot_be_judged", new_class),
    Case("always yes, F1 0.954", "cannot_be_judged", always_yes),
    Case("labels that change once in 600 rows", "cannot_be_judged", one_switch),
)
