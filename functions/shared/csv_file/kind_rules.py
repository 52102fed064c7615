"""What a column is: one documented rule per kind, applied to a sample of its cells.

The rules stand in RULES, in the order in which they are tried; docs/architecture.md has the same table in words. The
kind then holds for the whole file: a cell that contradicts it makes its row invalid.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.csv_file.cells import MissingTokens
from shared.csv_file.dates import guess_form
from shared.csv_file.kinds import CATEGORY, DATE, FLAG, NUMBER, PLAIN_NUMBER, Kind
from shared.csv_file.numbers import NumberNotation, guess_notation
from shared.csv_file.texts import FLAGS, FREE_TEXT, MAX_VALUE_CHARACTERS

NEARLY = 0.95  # from this share of distinct values on, a text column names its rows
NAMES_ROWS = "text with nearly as many values as rows (a name or an id)"
FEW_VALUES = 0.05  # up to this share of distinct values they are categories, though some of them are numbers
FEW_EXCEPTIONS = 0.1  # up to this share of a sample may contradict its kind
_LONG_ENOUGH = (
    5  # rows from which on integers that count up by one, or texts that never repeat, tell something
)


@dataclass(frozen=True)
class Sample:
    """Some cells of a column, without the space around them: runs of neighbours, spread over the file.

    cells: all of them; present: those that are not missing.
    """

    runs: tuple[tuple[str, ...], ...]
    cells: tuple[str, ...]
    present: tuple[str, ...]

    @classmethod
    def of(cls, runs: Sequence[Sequence[str]], missing: MissingTokens) -> "Sample":
        stripped = tuple(tuple(map(str.strip, run)) for run in runs)
        cells = tuple(cell for run in stripped for cell in run)
        return cls(stripped, cells, tuple(cell for cell in cells if cell.lower() not in missing.tokens))


@dataclass(frozen=True)
class Decision:
    """A column is of a kind, or left out for a reason; neither where a rule does not apply."""

    kind: Kind | None = None
    reason: str | None = None


_NOT_THIS = Decision()


def _no_values(sample: Sample) -> Decision:
    if sample.cells and not sample.present:
        return Decision(reason=empty_reason(len(sample.cells)))
    return _NOT_THIS


def empty_reason(rows: int) -> str:
    return f"no value in {rows:,} sampled rows"


def _most_are(fits: int, sample: Sample, what: str) -> Decision | None:
    """None where nearly all present cells fit; else that this is another kind, or, with many values, none."""
    exceptions = len(sample.present) - fits
    if 2 * fits <= len(sample.present):
        return _NOT_THIS
    if exceptions > 1 and exceptions > FEW_EXCEPTIONS * len(sample.present):
        if len(set(sample.present)) <= FEW_VALUES * len(sample.present):
            return _NOT_THIS  # 1, 2, many
        return Decision(
            reason=f"mixed: {fits:,} of {len(sample.present):,} sampled cells are {what}, the others are not "
            "(missing_values or columns decides)"
        )
    return None


def _number(sample: Sample) -> Decision:
    guess = guess_notation(sample.present)
    if (decided := _most_are(guess.fits, sample, "numbers")) is not None:
        return decided
    if guess.others:
        return Decision(
            reason=f"ambiguous: numbers like {guess.notation} or like {guess.others[0]} "
            f'(columns decides: "number:{guess.notation}" or "number:{guess.others[0]}")'
        )
    if guess.notation.plain and _counts_up(sample):
        return Decision(reason="integers that count up by one with the rows, an id")
    return Decision(Kind(NUMBER, guess.notation))


def _counts_up(sample: Sample) -> bool:
    """Whether neighbours differ by one, in every run and from its first cell to its last."""
    if len(sample.present) < max(_LONG_ENOUGH, len(sample.cells)):
        return False
    for run in sample.runs:
        if not all(cell.lstrip("+-").isdecimal() and len(cell) < 20 for cell in run):
            return False
        numbers = list(map(int, run))
        if any(b - a != 1 for a, b in pairwise(numbers)):
            return False
    return True


def _flag(sample: Sample) -> Decision:
    texts = tuple(sorted({cell.lower() for cell in sample.present}))
    return Decision(Kind(FLAG, texts)) if texts in FLAGS else _NOT_THIS


def _date(sample: Sample) -> Decision:
    guess = guess_form(sample.present)
    if guess is None:
        return _NOT_THIS
    if (decided := _most_are(guess.fits, sample, "dates")) is not None:
        return decided
    if guess.others:
        return Decision(
            reason=f"ambiguous: dates like {guess.form} or like {guess.others[0]} "
            '(columns decides: "date:day-first" or "date:month-first")'
        )
    return Decision(Kind(DATE, guess.form))


def _names_rows(sample: Sample) -> Decision:
    if names_rows(len(set(sample.present)), len(sample.present)):
        return Decision(reason=NAMES_ROWS)
    return _NOT_THIS


def names_rows(distinct: int, present: int) -> bool:
    """Whether so many distinct texts in so many cells are names of the rows rather than of something they share."""
    return present >= _LONG_ENOUGH and distinct >= NEARLY * present


def _free_text(sample: Sample) -> Decision:
    if any(len(cell) > MAX_VALUE_CHARACTERS for cell in sample.present):
        return Decision(reason=FREE_TEXT)
    return _NOT_THIS


def _category(sample: Sample) -> Decision:
    return Decision(Kind(CATEGORY))


# A rule per kind, and per reason to leave a column out; the first that applies decides.
RULES: tuple[Callable[[Sample], Decision], ...] = (
    _no_values,
    _number,
    _flag,
    _date,
    _free_text,
    _names_rows,
    _category,
)


def decide(sample: Sample) -> Decision:
    """The kind of a column by its sample, or why it is left out. Without any sample it is taken as numbers."""
    if not sample.cells:
        return Decision(PLAIN_NUMBER)
    return next(decision for rule in RULES if (decision := rule(sample)) != _NOT_THIS)


def decide_wanted(sample: Sample) -> Kind:
    """The kind of a column that a request wants as a feature, whatever speaks against it.

    Raises ValueError where the sample is ambiguous.
    """
    guess = guess_notation(sample.present)
    if 2 * guess.fits > len(sample.present) or not sample.present:
        return asked_for(NUMBER, sample)
    if flag := _flag(sample).kind:
        return flag
    form = guess_form(sample.present)
    if form is not None and 2 * form.fits > len(sample.present):
        return asked_for(DATE, sample)
    return Kind(CATEGORY)


def asked_for(wish: str, sample: Sample) -> Kind:
    """The kind that a request asks for, in the notation of the sample; raises ValueError where that is not told."""
    name, _, detail = wish.partition(":")
    if name == CATEGORY:
        return Kind(CATEGORY)
    if name == NUMBER and detail:
        unit = guess_notation(sample.present).notation.unit
        notation = NumberNotation.from_text(detail)
        return Kind(NUMBER, NumberNotation(notation.thousands, notation.decimal, notation.unit or unit))
    if name == NUMBER:
        guess = guess_notation(sample.present)
        if guess.others:
            raise ValueError(
                f'its numbers are ambiguous; columns decides: "number:{guess.notation}" or "number:{guess.others[0]}"'
            )
        return Kind(NUMBER, guess.notation)
    form = guess_form(sample.present, detail.removesuffix("-first"))
    if form is None or 2 * form.fits <= len(sample.present):
        raise ValueError("no form of dates fits most of its sampled cells")
    if form.others:
        raise ValueError('its dates are ambiguous; columns decides: "date:day-first" or "date:month-first"')
    return Kind(DATE, form.form)
