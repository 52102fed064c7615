"""What is compared, and how many rounds of boosting a number of classes gets."""

import pytest

from summarize.choosing.candidates import candidates, families_left_out, most_rounds


def test_auto_compares_every_family_from_the_simplest_on():
    assert [(one.kind, one.options) for one in candidates("auto", 2)] == [
        ("gaussian", {"covariance": "pooled"}),
        ("gaussian", {"covariance": "diagonal"}),
        ("logistic", {"strength": 0.03}),
        ("logistic", {"strength": 0.3}),
        ("logistic", {"strength": 3.0}),
        ("boosted_trees", {"trees": 600}),
    ]


@pytest.mark.parametrize(("classes", "trees"), [(32, True), (33, False)])
def test_more_than_32_classes_are_too_many_for_trees_that_are_not_asked_for(classes, trees):
    assert ("boosted_trees" in {one.kind for one in candidates("auto", classes)}) is trees
    left = families_left_out("auto", classes)
    assert left == ({} if trees else {"boosted_trees": "33 classes; it is fitted for 32 at most"})
    assert [one.kind for one in candidates("boosted_trees", classes)] == ["boosted_trees"]
    assert families_left_out("boosted_trees", classes) == {}


@pytest.mark.parametrize(
    ("classes", "rounds"), [(2, 600), (4, 600), (5, 480), (8, 300), (12, 200), (13, 200), (500, 200)]
)
def test_beyond_four_classes_the_trees_are_bounded_and_no_model_has_fewer_than_200_rounds(classes, rounds):
    assert most_rounds(classes) == rounds
