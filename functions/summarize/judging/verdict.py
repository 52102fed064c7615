"""Whether a model is worth more than a constant answer: better, not shown to be, worse, or not to be judged."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.contracts import Verdict
from shared.verdict_words import Outcome, headline
from summarize.judging.comparisons import (
    CONFIDENCE,
    Comparison,
    compared_by_accuracy,
    compared_by_log_loss,
    compared_by_ranking,
    named,
)
from summarize.scoring.evaluation import Evaluation
from summarize.scoring.verdict_evidence import Evidence

MIN_TEST_ROWS = 30
_NAMED = 3


@dataclass(frozen=True)
class Measured:
    """What was measured of a model on test rows.

    train_rows, test_rows: by class, of all rows; majority: the most frequent class of the train rows. in_order: the
    test rows follow one another in time. for_accuracy: the threshold is the one that is right most often.
    """

    evaluation: Evaluation
    evidence: Evidence
    train_rows: Mapping[str, int]
    test_rows: Mapping[str, int]
    majority: str
    in_order: bool
    for_accuracy: bool

    @property
    def rows(self) -> int:
        return self.evaluation.rows


def verdict(measured: Measured) -> Verdict:
    """The verdict with its reasons, which are one for each comparison, in their order, and then remarks.

    It is better where at least one comparison shows so and none shows the opposite, worse the other way round.
    """
    blocks = measured.evidence.joined() if measured.in_order else []
    if problems := "; ".join(_problems(measured, bool(blocks))):
        return Verdict("cannot_be_judged", f"{_headed('cannot_be_judged')}: {problems}.", (), ())
    evaluation = measured.evaluation
    compared = [
        compared_by_log_loss(evaluation.log_loss, measured.train_rows, measured.evidence, blocks),
        *compared_by_accuracy(evaluation.confusion, measured.majority, blocks, measured.for_accuracy),
    ]
    ranking = compared_by_ranking(evaluation.rankings.all(), blocks)
    compared += [ranking] if ranking else []
    answers = {guess for (_, guess), rows in evaluation.confusion.items() if rows}
    outcome, sentence = _outcome(compared, answers, measured.rows)
    reasons = [*map(_reason, compared), *_remarks(measured, outcome, answers, bool(blocks))]
    return Verdict(outcome, sentence, tuple(reasons), tuple(one.to_json() for one in compared))


def _problems(measured: Measured, has_blocks: bool) -> Iterator[str]:
    """Why the test rows cannot say what the model is worth."""
    rows = measured.rows
    if rows < MIN_TEST_ROWS:
        yield f"{rows} test row{'s are' if rows > 1 else ' is'} too few, {MIN_TEST_ROWS} is the least"
    if missing := sorted(measured.test_rows.keys() - measured.train_rows.keys()):
        yield f"no train row has {_classes(missing)}"
    if missing := [name for name in _not_tested(measured) if not _is_rare(measured, name)]:
        yield f"no test row has {_classes(missing)}"
    elif measured.in_order and rows >= MIN_TEST_ROWS and not has_blocks:
        changes = measured.evidence.changes
        yield (
            f"the class of the test rows changes {changes} time{'' if changes == 1 else 's'} in all, so they are a few "
            f"long stretches and no {rows:,d} cases"
        )


def _outcome(compared: Sequence[Comparison], answers: set[str], rows: int) -> tuple[Outcome, str]:
    better = [one for one in compared if one.shows_better]
    worse = [one for one in compared if one.shows_worse]
    on = f"on {rows:,d} test rows"
    if better and worse:
        both = f"better by {_listed(better)}, but worse by {_listed(worse)}"
        return "not_shown", f"{_headed('not_shown')} than a constant answer {on}: {both}."
    if better or worse:
        outcome: Outcome = "better" if better else "worse"
        words = "; ".join(one.words for one in better or worse)
        return outcome, f"{_headed(outcome)} than a constant answer {on}: {words}."
    if len(answers) == 1:
        (answer,) = answers
        same = f"it answers {named(answer)} to every test row, and its probabilities tell no more"
        return "cannot_be_judged", f"{_headed('cannot_be_judged')}: {same}."
    if discounted := [
        f"{one.words}, which does not count, as {one.discounted}" for one in compared if one.discounted
    ]:
        return "not_shown", f"{_headed('not_shown')} than a constant answer {on}: {'; '.join(discounted)}."
    return "not_shown", f"{_headed('not_shown')} than a constant answer: {on} the differences may be chance."


def _reason(one: Comparison) -> str:
    mean, low, high, p_value = one.difference
    begun = f"{one.words[0].upper()}{one.words[1:]}"
    if mean == low == high == 0.0:
        return f"{begun}: the same on every row ({one.method})."
    if one.shows_better:
        result = "better"
    elif one.shows_worse:
        result = "worse"
    elif one.discounted:
        result = f"does not count, as {one.discounted}"
    else:
        result = "may be chance"
    chance = "p < 0.001" if p_value < 0.001 else f"p = {p_value:.3f}"
    return (
        f"{begun}: {result} (difference {_signed(mean)}, {CONFIDENCE} interval {_signed(low)} to {_signed(high)}, "
        f"{chance}; {one.method})."
    )


def _remarks(measured: Measured, outcome: Outcome, answers: set[str], in_blocks: bool) -> Iterator[str]:
    if len(answers) == 1 and outcome != "cannot_be_judged":  # else the sentence says so
        other = ""
        if outcome == "better" and measured.for_accuracy and len(measured.train_rows) == 2:
            other = ': with a threshold other than 0.5 it would not ("threshold": "f1" finds one)'
        yield f"It answers {named(next(iter(answers)))} to every test row{other}."
    if in_blocks:
        yield "The rows follow one another in time: blocks of them were compared, not single rows."
    if rare := _not_tested(measured):
        which = ("is", "it") if len(rare) == 1 else ("are", "one of them")
        yield f"Nothing is measured of {_classes(rare)}, which {which[0]} rare: no test row has {which[1]}."


def _not_tested(measured: Measured) -> list[str]:
    return sorted(measured.train_rows.keys() - measured.test_rows.keys())


def _is_rare(measured: Measured, name: str) -> bool:
    """Whether less than one test row is the class's share."""
    train, test = sum(measured.train_rows.values()), sum(measured.test_rows.values())
    return measured.train_rows[name] * test < train + test


def _headed(outcome: Outcome) -> str:
    words = headline(outcome)
    return words[0].upper() + words[1:]


def _listed(compared: Sequence[Comparison]) -> str:
    return " and ".join(dict.fromkeys(one.what for one in compared))


def _classes(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"the class{'' if len(names) == 1 else 'es'} {', '.join(map(named, names[:_NAMED]))}{more}"


def _signed(value: float) -> str:
    return f"{value:+.3f}" if math.isfinite(value) else str(value)
