"""The name that was probably meant, for messages about one that is unknown."""

from collections.abc import Iterable

from shared.event_fields import printable

_READ = 100  # characters: a longer one is no slip of the pen, and the comparison takes quadratic time


def did_you_mean(given: str, names: Iterable[str]) -> str:
    """` (did you mean test_size?)` where one of the names is close, else an empty text."""
    from difflib import (
        get_close_matches,
    )  # for a message alone: an invocation that goes well does not load it

    spelled = {name.lower().replace("-", "_"): name for name in names}
    wanted = given[:_READ].lower().replace("-", "_")
    begun = [name for name in spelled if wanted and name.startswith(f"{wanted}_")]  # label for label_column
    close = get_close_matches(wanted, spelled, n=1) or (begun if len(begun) == 1 else [])
    return f" (did you mean {printable(spelled[close[0]])}?)" if close else ""
