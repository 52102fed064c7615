"""What matters by a model's own numbers, in JSON and back."""

import json

from shared.canonical_json import canonical_json
from shared.model.importance import MOST_NAMES, Curve, Importance


def test_the_strongest_feature_is_first():
    found = Importance("", "", ("x", "y", "z"), {"a": [0.1, -3.0, 1.0], "b": [2.0, 0.0, 1.0]})
    assert found.strongest() == [1, 0, 2]


def test_it_comes_back_from_json_the_strongest_first():
    curves = {"x": [Curve("a", 1.0, 2.0)], "y": [Curve("a", 3.0, 4.0)]}
    found = Importance("share", "how much", ("x", "y"), {None: [0.25, 0.75]}, curves)
    back = Importance.from_json(json.loads(canonical_json(found.to_json())))
    assert back == Importance("share", "how much", ("y", "x"), {None: [0.75, 0.25]}, curves, 2)
    assert back.to_json() == found.to_json()


def test_of_many_names_the_strongest_are_kept_and_counted():
    names = tuple(f"x{j}" for j in range(100))
    found = Importance("", "", names, {"a": [float(j) for j in range(100)]}).to_json()
    assert (found["count"], len(found["names"])) == (100, MOST_NAMES)
    assert found["names"][0] == "x99"
    assert Importance.from_json(found).to_json()["count"] == 100
