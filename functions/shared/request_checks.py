"""Whether a value may stand in a field of a training request, by the kind of the field."""

import re
import sys
from typing import TypeGuard

from shared.run_files import RUNS

# Of numbers, the notation is told by how it writes 1234.5 (shared.csv_file.numbers).
_KIND = re.compile(
    r"category|date(?::(?:day|month)-first)?|number(?::1(?:,234\.5|\.234,5|[ ']234[.,]5|234[.,]5))?"
)
_SHORT_LIST = 10
ARTIFACT_KEY_BYTES = 900  # the keys of its versions are longer, and S3 takes 1024
# What others write in the artifact bucket: the runs' files and the functions' code.
RESERVED_PREFIXES = (RUNS, "packages/")


def is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def is_share(value: object) -> bool:
    return is_number(value) and 0 <= value <= 1


def is_index(value: object) -> bool:
    return is_number(value) and value >= 0


def is_open_share(value: object) -> bool:
    return is_number(value) and 0 < value < 1


def is_text(value: object) -> TypeGuard[str]:
    try:
        return isinstance(value, str) and 0 < len(value.encode()) <= 1024
    except UnicodeEncodeError:  # a lone surrogate, which JSON can spell and UTF-8 cannot
        return False


def is_bucket(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", value) is not None


def is_data_key(value: object) -> bool:
    return is_text(value) and not value.startswith("s3://")


def is_artifact_key(value: object) -> bool:
    if not is_text(value) or len(value.encode()) > ARTIFACT_KEY_BYTES or value.endswith("/"):
        return False
    return not value.startswith(RESERVED_PREFIXES) and "/versions/" not in f"/{value}"


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_delimiter(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 1 or not "\0" < value <= "\x7f":
        return False
    return not value.isalnum() and value not in " \r\n\"'.+-_"


def is_column_list(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(map(is_text, value)) and 0 < len(value) == len(set(value))


def is_short_column_list(value: object) -> bool:
    return is_column_list(value) and len(value) <= _SHORT_LIST


def is_column_kinds(value: object) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(is_text(name) for name in value)
        and all(isinstance(kind, str) and _KIND.fullmatch(kind) is not None for kind in value.values())
    )


def is_line_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000


def is_seed(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def is_row_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 1_000_000
