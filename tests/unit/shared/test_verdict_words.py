"""One set of words for the four outcomes."""

from shared.verdict_words import OUTCOMES, headline, tone


def test_every_outcome_has_words_of_its_own_and_a_tone():
    assert [headline(outcome) for outcome in OUTCOMES] == [
        "better",
        "not shown to be better",
        "worse",
        "cannot be judged",
    ]
    assert [tone(outcome) for outcome in OUTCOMES] == ["good", "unclear", "bad", "unclear"]
