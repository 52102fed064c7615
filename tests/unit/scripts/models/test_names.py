"""A model's name: 12 digits of its SHA-256, found by any beginning that only it has."""

import pytest

from model_service_cli.door import CommandError
from model_service_cli.models.names import beginning, checked, model_name, the_one

A, B = "3f9a" + "0" * 60, "3f9b" + "0" * 60


def test_the_name_is_the_first_twelve_digits():
    assert model_name(A) == "3f9a00000000"


@pytest.mark.parametrize("given", ["3f9a", "3F9A0", f" {A}\n"])
def test_any_unique_beginning_names_the_model(given):
    assert the_one(checked(given), [A, B]) == A


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "MODEL is missing; make models lists the models"),
        (" ", "MODEL is missing"),
        (
            "3f9",
            "MODEL '3f9' is no model's name: that is 4 to 64 digits of its SHA-256, as make models lists them",
        ),
        ("a" * 65, "is no model's name"),
        ("latest", "MODEL 'latest' is no model's name"),
    ],
)
def test_what_can_be_no_name_is_refused_with_what_can(given, message):
    with pytest.raises(CommandError) as refused:
        checked(given)
    assert str(refused.value).startswith(message) or message in str(refused.value)
    assert refused.value.exit_status == 2
    assert beginning(given) is None


def test_an_unknown_name_is_refused():
    with pytest.raises(CommandError, match="MODEL 0000: no model of that name has been published"):
        the_one("0000", [A, B])


@pytest.mark.parametrize(
    ("digests", "message"),
    [
        ([A, B], "MODEL 3f9 is the beginning of 2 models: 3f9a00000000, 3f9b00000000$"),
        (["3f9" + "0" * 60 + last for last in "ab"], f"2 models: 3f9{'0' * 60}a, 3f9{'0' * 60}b$"),
        ([f"3f9{n}{'0' * 60}" for n in range(6)], "6 models: (3f9[0-9]00000000, ){5}[.][.][.]$"),
    ],
)  # fmt: skip
def test_the_beginning_of_several_names_them_as_far_as_they_differ(digests, message):
    with pytest.raises(CommandError, match=message):
        the_one("3f9", digests)
