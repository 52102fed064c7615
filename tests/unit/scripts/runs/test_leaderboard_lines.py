from model_service_cli.runs.leaderboard_lines import leaderboard_lines

LEADERBOARD = [
    {
        "kind": "logistic",
        "options": {"strength": 0.03},
        "log_loss": 0.58412,
        "roc_auc": 0.71,
        "accuracy": 0.7,
        "weight": 1.0,
    },
    {
        "kind": "boosted_trees",
        "options": {"trees": 9},
        "log_loss": 0.6317,
        "roc_auc": None,
        "accuracy": 0.68,
        "weight": 0.0,
    },
    {"kind": "gaussian", "options": {"covariance": "pooled"}, "failed": "too few rows"},
]


def test_each_candidate_is_a_line_with_its_figures_and_its_weight():
    assert list(leaderboard_lines({"leaderboard": LEADERBOARD})) == [
        "candidate                           log loss   roc_auc  accuracy  weight",
        "logistic regression, C = 0.03         0.5841    0.7100    0.7000    100%",
        "boosted trees, 9 rounds               0.6317              0.6800",
        "Gaussian, pooled                   not fitted: too few rows",
    ]


def test_a_model_that_was_asked_for_has_none():
    assert list(leaderboard_lines({"metrics": {}})) == []
    assert list(leaderboard_lines({"leaderboard": []})) == []
