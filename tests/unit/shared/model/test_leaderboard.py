import pytest

from shared.model.leaderboard import Line, in_words, lines_of, members_in_words

BLENDED = [
    {"kind": "blend", "options": {}, "log_loss": 0.28, "roc_auc": 0.81, "accuracy": 0.9, "weight": 1.0},
    {
        "kind": "logistic",
        "options": {"strength": 0.3},
        "log_loss": 0.29,
        "roc_auc": 0.8,
        "accuracy": 0.89,
        "weight": 0.34,
    },
    {
        "kind": "boosted_trees",
        "options": {"trees": 94},
        "log_loss": 0.3,
        "roc_auc": None,
        "accuracy": 0.88,
        "weight": 0.66,
    },
    {"kind": "gaussian", "options": {"covariance": "pooled"}, "failed": "too few rows"},
]


def test_each_candidate_is_a_line_with_its_figures_or_the_reason_that_there_are_none():
    assert lines_of(BLENDED) == [
        Line("blend of the best of each", 0.28, 0.81, 0.9, 1.0),
        Line("logistic regression, C = 0.3", 0.29, 0.8, 0.89, 0.34),
        Line("boosted trees, 94 rounds", 0.3, None, 0.88, 0.66),
        Line("Gaussian, pooled", None, None, None, 0.0, "too few rows"),
    ]


def test_a_blend_is_told_by_its_members_and_a_member_alone_by_its_name():
    assert members_in_words(BLENDED) == "66% boosted trees, 94 rounds, 34% logistic regression, C = 0.3"
    alone = [{**entry, "weight": float(entry["kind"] == "logistic")} for entry in BLENDED]
    assert members_in_words(alone) == "logistic regression, C = 0.3"


@pytest.mark.parametrize("kind", ["gaussian", "oracle"])
def test_a_family_without_its_options_is_its_name(kind):
    assert in_words(kind, {}) == kind
