"""What each threshold flags, against scikit-learn on the same rows, in one piece and in several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from shared.model.decision import Decision
from summarize.scoring.flagged import Flagged

OF_MORE = Decision(None, "0.5", None)
PROBABILITIES = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.05, 0.3, 0.95, 1.0])))


def counted(threshold: float, own: list[float], rest: list[float]) -> Flagged:
    nothing = Flagged.none(Decision("yes", "given", threshold))
    return nothing.merge(Flagged.of(nothing.thresholds, sorted(own), sorted(rest)))


@given(own=PROBABILITIES, rest=PROBABILITIES, threshold=st.floats(0, 1))
def test_every_figure_is_scikit_learn_s(own, rest, threshold):
    if not own + rest:
        return
    y, scores = [1] * len(own) + [0] * len(rest), own + rest
    lines = counted(threshold, own, rest).to_json()
    assert threshold in [line["threshold"] for line in lines]
    for line in lines:
        flagged = [int(score >= line["threshold"]) for score in scores]
        assert line == pytest.approx(
            {
                "threshold": line["threshold"],
                "precision": precision_score(y, flagged, zero_division=0),
                "recall": recall_score(y, flagged, zero_division=0),
                "f1": f1_score(y, flagged, zero_division=0),
                "flagged": sum(flagged) / len(y),
            }
        )


@given(first=PROBABILITIES, second=PROBABILITIES, third=PROBABILITIES)
def test_rows_counted_apart_are_rows_counted_together(first, second, third):
    whole = counted(0.3, first + second, third)
    assert counted(0.3, first, []).merge(counted(0.3, second, third)) == whole
    assert Flagged.from_state(whole.to_state()) == whole


def test_the_thresholds_are_steps_of_a_twentieth_and_the_model_s_own_once():
    steps = tuple(round(0.05 * i, 2) for i in range(1, 20))
    assert Flagged.none(Decision("yes", "f1", 0.5)).thresholds == pytest.approx(steps)
    assert Flagged.none(Decision("yes", "f1", 0.12)).thresholds == pytest.approx(sorted([*steps, 0.12]))
    assert Flagged.none(OF_MORE) == Flagged((), (), ())
    assert Flagged.none(OF_MORE).to_json() == []
