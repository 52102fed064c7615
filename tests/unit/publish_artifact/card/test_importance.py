from publish_artifact.card.importance import bars_of, order_of, what_matters

PERMUTATION = {
    "rows": 100,
    "repeats": 5,
    "loss": 0.4,
    "of_columns": 9,
    "columns": [
        {"name": "alone", "mean": 0.2, "deviation": 0.01, "group": None},
        {"name": "low", "mean": 0.5, "deviation": 0.02, "group": 0},
        {"name": "volume", "mean": 0.5, "deviation": 0.02, "group": 0},
        {"name": "noise", "mean": -0.01, "deviation": 0.02, "group": None},
    ],
    "groups": [{"columns": ["low", "volume"], "mean": 0.5, "deviation": 0.02}],
}


def test_columns_that_carry_each_other_stand_where_their_group_stands():
    assert [(bar.name, bar.within) for bar in bars_of(PERMUTATION)] == [
        ("2 columns together", False),
        ("low", True),
        ("volume", True),
        ("alone", False),
        ("noise", False),
    ]


def test_what_matters_most_comes_first_and_a_group_lifts_its_columns(published, subject_of):
    subject = subject_of(published("iris"), explanation={"permutation": PERMUTATION})
    assert order_of(subject) == ["low", "volume", "alone", "noise"]
    html = what_matters(subject)
    assert "On 100 rows that were not trained on, shuffled 5 times; their log loss is 0.400." in html
    assert "<bdi>low</bdi>, <bdi>volume</bdi> carry each other" in html
    assert "The leading 4 of 9 columns were shuffled." in html
    assert html.count("+0.500") == 2  # the group's bar, and in words


def test_where_nothing_was_shuffled_the_model_s_own_measure_stands_alone(published, subject_of):
    subject = subject_of(published("iris"), explanation={"permutation": None})
    assert order_of(subject) == []
    assert "Rise in log loss" not in what_matters(subject)
    assert "standardised" in what_matters(subject).lower()
