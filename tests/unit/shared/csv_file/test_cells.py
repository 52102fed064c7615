"""What a cell means, as bytes and as text alike."""

from collections import Counter

import pytest

from shared.csv_file.cells import MAX_CLASSES, NO_LABEL, LabelCodes, MissingTokens, as_text
from shared.errors import InvalidDatasetError


@pytest.mark.parametrize(
    "cell", ["", "  ", "NA", "n/a", "NaN", "null", "NULL", "None", "?", " na ", r"\N", "#N/A", "<NA>", "-"]
)
def test_missing_values_in_their_usual_spellings(cell):
    assert MissingTokens().is_missing(cell)
    assert MissingTokens().is_missing(cell.encode())


@pytest.mark.parametrize("cell", ["0", "--", ".", "missing", "nanny", "N A"])
def test_other_cells_are_not_missing(cell):
    assert not MissingTokens().is_missing(cell)


def test_a_request_adds_tokens_which_stand_for_a_number_by_its_value():
    missing = MissingTokens(["Unknown", "-999"])
    assert missing.is_missing("unknown")
    assert missing.is_missing(b"\nUNKNOWN")
    assert missing.numbers == {-999.0}
    assert not MissingTokens().is_missing("unknown")


def test_text_is_the_same_from_bytes_and_without_the_line_end_in_front():
    assert as_text("größe") == as_text("größe".encode()) == as_text("\ngröße".encode()) == "größe"


def test_classes_are_numbered_by_first_appearance():
    labels = LabelCodes("label")
    assert [labels[cell] for cell in (b"up", b"down", b"\nup", " down ", "flat")] == [0, 1, 0, 1, 2]
    assert labels.classes == ["up", "down", "flat"]
    assert not labels.any_missing


def test_a_missing_label_has_no_code():
    labels = LabelCodes("label")
    assert [labels[cell] for cell in (b"up", b"", b"NA", b"up")] == [0, NO_LABEL, NO_LABEL, 0]
    assert labels.any_missing
    assert labels.classes == ["up"]


@pytest.mark.parametrize("name", ["-", "?", "none", "n/a"])
def test_what_is_missing_elsewhere_may_be_a_class(name):
    labels = LabelCodes("label")
    assert (labels[name], labels.classes) == (0, [name])


def test_labels_are_text_and_case_matters():
    labels = LabelCodes("label")
    assert [labels[cell] for cell in (b"1", b"1.0", b"A", b"a", "<b>", "=1+1")] == [0, 1, 2, 3, 4, 5]


def test_more_classes_than_any_label_has_are_refused():
    labels = LabelCodes("price")
    for i in range(MAX_CLASSES):
        labels[str(i)]
    with pytest.raises(InvalidDatasetError, match="column 'price' has more than 1000 distinct values"):
        labels["one more"]


@pytest.mark.parametrize("classes", [2, 16, 17, 300])
def test_rows_are_counted_by_class_name(classes):
    labels = LabelCodes("label")
    codes = [labels[str(i * i % classes)] for i in range(1000)]
    assert labels.count(codes) == Counter(str(i * i % classes) for i in range(1000))
