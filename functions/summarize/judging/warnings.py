"""What is to be said before any figure: where the split has left a class out of the train rows or the test rows, and
where two classes are one to the eye."""

import unicodedata
from collections.abc import Mapping, Sequence

from summarize.rows.split import CHRONOLOGICAL, Split

_SHOWN = 5
_LENGTH = 60


def warnings(
    split: Split,
    classes: Sequence[str],
    train_rows: Mapping[str, int],
    test_rows: Mapping[str, int],
) -> list[str]:
    """Sentences with how to mend it; train_rows and test_rows: by name of a class."""
    found = _alike(classes)
    if split.method != CHRONOLOGICAL:
        return found
    if missing := [name for name in classes if name not in train_rows]:
        rows = sum(test_rows[name] for name in missing)
        found.append(
            f"The split by time leaves no train row of {_listed(missing)}: the model can never predict "
            f"{'it' if len(missing) == 1 else 'them'}, and {rows:,d} of {split.test_rows:,d} test rows are wrong for "
            'sure. `"split": "shuffled"` gives every class its share of both sides.'
        )
    if missing := [name for name in classes if name not in test_rows]:
        found.append(
            f"The split by time leaves no test row of {_listed(missing)}: nothing is measured of "
            f"{'it' if len(missing) == 1 else 'them'}. A larger test_size may reach back far enough; "
            '`"split": "shuffled"` gives every class its share of both sides.'
        )
    return found


def _alike(classes: Sequence[str]) -> list[str]:
    """Of names with accents there are two spellings, of which each program writes one (Unicode, annex 15)."""
    spellings: dict[str, list[str]] = {}
    for name in classes:
        spellings.setdefault(unicodedata.normalize("NFC", name), []).append(name)
    return [
        f"The {_listed(same)} are the same letters, composed in one and not in the other, and are taken for "
        f"{len(same)} classes: write them alike."
        for same in spellings.values()
        if len(same) > 1
    ]


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    shown = [repr(name if len(name) <= _LENGTH else f"{name[: _LENGTH - 3]}...") for name in names[:_SHOWN]]
    return f"class{'' if len(names) == 1 else 'es'} {', '.join(shown)}{more}"
