"""What people call a model, its data and its family. A published model: the first 12 digits of its artifact's
SHA-256, or any unique beginning of it.

Pure: which models there are, the caller knows. S3's version ids are no names of models.
"""

import re
from collections.abc import Iterable

from model_service_cli.door import CommandError
from shared.config import Config
from shared.event_fields import Json, S3Reference
from shared.model.leaderboard import in_words, members_in_words

DIGITS = 12
LEAST = 4  # fewer would name another model tomorrow
_SHOWN = 5
_BEGINNING = re.compile(rf"[0-9a-f]{{{LEAST},64}}")


def model_name(sha256: str) -> str:
    """The name of the model whose artifact has this SHA-256, hexadecimal."""
    return sha256[:DIGITS]


def beginning(text: str) -> str | None:
    """The text in small letters where it can begin a model's name, else None."""
    lowered = text.strip().lower()
    return lowered if _BEGINNING.fullmatch(lowered) else None


def checked(given: str, option: str = "MODEL") -> str:
    """The beginning of a name, as it was given for `option`; raises CommandError where it can be none."""
    if not given.strip():
        raise CommandError(f"{option} is missing; make models lists the models", exit_status=2)
    wanted = beginning(given)
    if wanted is None:
        raise CommandError(
            f"{option} {given!r} is no model's name: that is {LEAST} to 64 digits of its SHA-256, as make models "
            "lists them",
            exit_status=2,
        )
    return wanted


def the_one(wanted: str, digests: Iterable[str], option: str = "MODEL") -> str:
    """The one SHA-256 that begins with `wanted`. Raises CommandError where there is none, or there are several."""
    found = sorted({digest for digest in digests if digest.startswith(wanted)})
    if not found:
        raise CommandError(
            f"{option} {wanted}: no model of that name has been published; make models lists them",
            exit_status=2,
        )
    if len(found) > 1:
        digits = _digits_apart(found)
        shown = ", ".join(digest[:digits] for digest in found[:_SHOWN]) + (
            ", ..." if len(found) > _SHOWN else ""
        )
        raise CommandError(
            f"{option} {wanted} is the beginning of {len(found)} models: {shown}", exit_status=2
        )
    return found[0]


def _digits_apart(digests: list[str]) -> int:
    """How many first digits tell these SHA-256s apart, DIGITS at least."""
    apart = (
        digits for digits in range(DIGITS, 64) if len({each[:digits] for each in digests}) == len(digests)
    )
    return next(apart, 64)


def dataset_name(bucket: str, key: str, config: Config) -> str:
    """A CSV for a line of a list: its key below the folder of the configured CSV, elsewhere its whole address."""
    folder = "".join(config.data_key.rpartition("/")[:2])
    if bucket == config.data_bucket and key.startswith(folder):
        return key.removeprefix(folder)
    return str(S3Reference(bucket, key))


def family_in_words(leaderboard: Iterable[Json], request: Json) -> str:
    """What a model is made of: as it was chosen, else as it was asked for."""
    if members := members_in_words(leaderboard):
        return members
    kind = request.get("model")
    if request.get("covariance") or kind == "gaussian":
        return in_words("gaussian", {"covariance": request.get("covariance") or "pooled"})
    return "" if kind in (None, "auto") else in_words(str(kind), {})
