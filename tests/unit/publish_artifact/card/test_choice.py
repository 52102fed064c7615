from publish_artifact.card.choice import choice
from publish_artifact.card.subject import Subject

CHOICE = {
    "folds": 5,
    "forward": False,
    "fit_rows": 1904,
    "families_left_out": {},
    "leaderboard": [
        {
            "kind": "blend",
            "options": {},
            "log_loss": 0.2884,
            "roc_auc": 0.81,
            "accuracy": 0.893,
            "weight": 1.0,
        },
        {
            "kind": "boosted_trees",
            "options": {"trees": 94},
            "log_loss": 0.2912,
            "roc_auc": None,
            "accuracy": 0.891,
            "weight": 0.52,
        },
        {
            "kind": "logistic",
            "options": {"strength": 3.0},
            "log_loss": 0.2995,
            "roc_auc": 0.79,
            "accuracy": 0.89,
            "weight": 0.48,
        },
    ],
}


def test_every_candidate_is_in_the_table_and_the_members_are_named():
    html = choice(Subject({"choice": CHOICE}, {}, ""))
    assert "5 stratified folds of 1,904 rows" in html
    assert "The model is 52% boosted trees, 94 rounds, 48% logistic regression, C = 3." in html
    assert (
        '<th scope="row">boosted trees, 94 rounds</th><td class="n">0.2912</td><td class="n">-</td>' in html
    )
    assert html.count("<tr>") == 4


def test_folds_forward_in_time_are_told_and_so_is_what_was_not_compared():
    more = {
        "forward": True,
        "families_left_out": {"boosted_trees": "40 classes; it is fitted for 32 at most"},
        "leaderboard": [
            *CHOICE["leaderboard"],
            {"kind": "gaussian", "options": {"covariance": "pooled"}, "failed": "too few <rows>"},
        ],
    }
    html = choice(Subject({"choice": CHOICE | more}, {}, ""))
    assert "5 folds forward in time" in html
    assert "Not compared: Gaussian, pooled: too few &lt;rows&gt;; boosted trees: 40 classes" in html


def test_a_model_that_was_asked_for_has_no_such_section():
    assert choice(Subject({"choice": None}, {}, "")) == ""
    assert choice(Subject({}, {}, "")) == ""
