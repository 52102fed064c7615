"""What a split by time leaves out is said, and how to mend it."""

from summarize.judging.warnings import warnings
from summarize.rows.split import ChronologicalSplit, ShuffledSplit

CLASSES = ("down", "flat", "up")


def test_a_class_without_a_train_row_is_named_with_the_rows_it_costs():
    (text,) = warnings(
        ChronologicalSplit(100, 80), CLASSES, {"down": 40, "up": 40}, {"down": 8, "flat": 5, "up": 7}
    )
    assert text.startswith(
        "The split by time leaves no train row of class 'flat': the model can never predict it"
    )
    assert "5 of 20 test rows are wrong" in text
    assert '"split": "shuffled"' in text


def test_a_class_without_a_test_row_is_named():
    (text,) = warnings(ChronologicalSplit(100, 80), CLASSES, {"down": 40, "flat": 20, "up": 20}, {"down": 20})
    assert text.startswith(
        "The split by time leaves no test row of classes 'flat', 'up': nothing is measured of them"
    )
    assert '"split": "shuffled"' in text


def test_where_every_class_is_on_both_sides_nothing_is_said():
    assert (
        warnings(ChronologicalSplit(6, 3), CLASSES, dict.fromkeys(CLASSES, 1), dict.fromkeys(CLASSES, 1))
        == []
    )


def test_a_shuffled_split_leaves_a_train_row_of_every_class():
    split = ShuffledSplit({"down": 2, "flat": 1}, {"down": 1, "flat": 0}, 0)
    assert warnings(split, ("down", "flat"), {"down": 1, "flat": 1}, {"down": 1}) == []


def test_many_and_long_names_stay_short():
    names = tuple(f"{'x' * 1000}{k}" for k in range(999))
    (text,) = warnings(ChronologicalSplit(2000, 999), names, {}, dict.fromkeys(names, 1))
    assert len(text) < 1000
    assert "and 994 more" in text


def test_two_classes_that_only_the_bytes_tell_apart_are_told():
    """As of two programs that wrote one file: U+00E9, and an e with U+0301 behind it."""
    classes = ("caf\u00e9", "cafe\u0301", "tea")
    (text,) = warnings(
        ShuffledSplit(dict.fromkeys(classes, 9), dict.fromkeys(classes, 1), 0), classes, {}, {}
    )
    assert text == (
        "The classes 'caf\u00e9', 'cafe\u0301' are the same letters, composed in one and not in the other, and are "
        "taken for 2 classes: write them alike."
    )
