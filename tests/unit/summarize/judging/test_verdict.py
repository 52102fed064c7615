"""The verdict: the table of cases that docs/verdict.md shows, and how seldom noise is called better."""

import math
import random

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score

from shared.contracts import Verdict
from shared.verdict_words import headline
from verdict_cases import CASES, Said, always_yes, judged, of_two, rare_class, titanic


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_every_case_gets_its_verdict(case):
    found = judged(case.said())
    assert found.outcome == case.expected, found.sentence
    assert found.sentence.lower().startswith(headline(case.expected))
    assert len(found.reasons) >= len(found.comparisons)
    assert Verdict.from_event(found.to_event()) == found


def comparison(found: Verdict, what: str) -> dict:
    return next(one for one in found.comparisons if one["what"] == what)


def test_the_comparisons_are_those_of_scipy_and_scikit_learn_on_the_same_rows():
    said = rare_class()
    y = np.array([label == "yes" for label in said.labels])
    p = np.array([of_yes for _, of_yes in said.probabilities])
    found = judged(said)

    losses = -np.log(np.where(y, p, 1 - p))
    constant = -np.log(np.where(y, 0.06, 0.94))
    expected = stats.ttest_rel(constant, losses)
    by_loss = comparison(found, "log loss")
    assert by_loss["model"] == pytest.approx(log_loss(y, p))
    assert by_loss["reference"] == pytest.approx(constant.mean())
    assert by_loss["p_value"] == pytest.approx(expected.pvalue, rel=1e-6)
    assert by_loss["interval"] == pytest.approx(tuple(expected.confidence_interval(1 - 0.05 / 3)), rel=1e-6)

    by_ranking = comparison(found, "ranking")
    assert by_ranking["model"] == pytest.approx(roc_auc_score(y, p))
    mann_whitney = stats.mannwhitneyu(p[y], p[~y], method="asymptotic", use_continuity=False)
    assert by_ranking["p_value"] == pytest.approx(mann_whitney.pvalue, rel=1e-6)


def test_titanic_s_gains_and_losses_are_compared_row_by_row():
    by_accuracy = comparison(judged(titanic()), "accuracy")
    assert by_accuracy["p_value"] == pytest.approx(stats.binomtest(26, 36).pvalue)
    assert by_accuracy["difference"] == pytest.approx(16 / 446)
    assert by_accuracy["method"] == "exact McNemar test: 26 gained, 10 lost"


def test_the_best_constant_on_the_test_rows_is_what_better_has_to_beat():
    """It would beat the train rows' majority, "no": of the test rows that are a quarter."""
    labels = [int(i % 4 != 0) for i in range(400)]
    found = judged(of_two((600, 400), labels, [0.6] * 380 + [0.4] * 20))
    (by_accuracy,) = (one for one in found.comparisons if one["what"] == "accuracy")
    assert (by_accuracy["against"], by_accuracy["reference"]) == ("always answering 'yes'", 0.75)
    assert found.outcome != "better"


def test_the_majority_of_the_train_rows_is_what_worse_falls_short_of():
    """Half of the test rows are yes where most train rows were no: worse than the best constant alone is no verdict."""
    labels = [int(i % 20 < 11) for i in range(400)]
    of_yes = [0.45 if i % 20 < 9 else 0.55 for i in range(400)]
    found = judged(of_two((600, 400), labels, of_yes))
    against = {one["against"]: one for one in found.comparisons if one["what"] == "accuracy"}
    assert list(against) == ["always answering 'yes'", "always answering 'no'"]
    assert against["always answering 'no'"]["reference"] == 0.45


def noise(seed: int, rows: int, stretch: int | None) -> Said:
    """A model that knows nothing; stretch: rows that labels and scores last on average, None for independent rows."""
    generator = random.Random(seed)
    label, score, labels, scores = 0, 0.5, [], []
    for _ in range(rows):
        if stretch is None or generator.random() < 1 / stretch:
            label = generator.randrange(2)
        if stretch is None or generator.random() < 1 / stretch:
            score = min(0.95, max(0.05, generator.gauss(0.5, 0.03)))
        labels.append(label)
        scores.append(score)
    return of_two((500, 500), labels, scores, in_order=stretch is not None)


@pytest.mark.parametrize(("rows", "stretch"), [(40, None), (300, None), (100, 2), (600, 8)])
def test_three_looks_do_not_make_better_cheap(rows, stretch):
    """Half of the level, 2.5 %, is on the side of better: of 150 tables of noise some 4, and 11 would be a surprise."""
    outcomes = [judged(noise(seed, rows, stretch)).outcome for seed in range(150)]
    assert outcomes.count("better") <= stats.binom.isf(1e-3, 150, 0.025)
    assert outcomes.count("not_shown") > 100


def test_one_look_at_rows_that_last_as_if_they_were_independent_would_be_cheap():
    """The same noise, called better several times as often where its order is not known: why there are blocks."""
    told, untold = 0, 0
    for seed in range(50):
        said = noise(seed, 600, 8)
        told += judged(said).outcome in ("better", "worse")
        untold += judged(Said(said.classes, said.train, said.labels, said.probabilities)).outcome in (
            "better",
            "worse",
        )
    assert untold > 4 * max(told, 1)


def test_a_long_class_name_does_not_make_a_sentence_long():
    said = always_yes()
    name = "y" * 1000
    labels = [name if one == "yes" else one for one in said.labels]
    found = judged(Said(("no", name), {"no": 360, name: 3640}, labels, said.probabilities))
    assert name not in str(found)
    assert max(map(len, (found.sentence, *found.reasons))) < 400


def test_every_figure_is_a_number():
    for case in CASES:
        for one in judged(case.said()).comparisons:
            numbers = [one["model"], one["reference"], one["difference"], *one["interval"], one["p_value"]]
            assert all(math.isfinite(number) for number in numbers), case.name
