"""Where a CSV may be cut: the beginning of a record, found from a few bytes in the middle of the file.

Whether the bytes begin inside a quoted cell is not known there. Both cases are tried: read under the wrong
one, quotes soon stand where none may, or records have the wrong width. What is found is likely, not certain;
the proof comes from reading: a shard that begins at a record and ends with a whole one shows that the next
one begins at a record too (`validation.validate_shard`).
"""

import csv
import io
import re

from shared.csv_file.dialect import escaped_null_kept
from shared.csv_file.records import LineSupply

PROBE_BYTES = 64 << 10
_CONVINCING_RECORDS = 3


def find_cut(probe: bytes, delimiter: str, width: int, escape: str | None = None) -> int | None:
    """Offset in the probe of the first record that begins there, None where the probe does not tell.

    width: cells a record.
    """
    readings = (_cut_if(opening, probe, delimiter, width, escape) for opening in ("", '"'))
    found = {cut for cut in readings if cut is not None}
    return found.pop() if len(found) == 1 else None


def _cut_if(opening: str, probe: bytes, delimiter: str, width: int, escape: str | None) -> int | None:
    """The cut if the probe begins in a cell opened by `opening`; None if it reads wrong that way."""
    # Latin-1 maps bytes to characters one to one, so that lengths are offsets.
    lines = list(io.StringIO(opening + probe.decode("latin-1"), newline=""))[
        :-1
    ]  # the last may go on behind it
    supply = LineSupply(lines)
    lines_read = escaped_null_kept(supply, escape)
    reader = csv.reader(lines_read, delimiter=delimiter, escapechar=escape, strict=True)
    cut = None
    done = convincing = 0
    try:
        for record in reader:
            if supply.exhausted:
                break  # the last one may be cut off
            text = "".join(lines[done : reader.line_num])
            done = reader.line_num
            unescaped = re.sub(rf"{re.escape(escape)}.", "", text, flags=re.DOTALL) if escape else text
            if unescaped.count('"') % 2:
                return None  # quotes come in pairs; csv.reader lets a single one stand in an unquoted cell
            if cut is None:
                cut = len(text) - len(opening)
            elif record:
                if len(record) != width:
                    return None
                convincing += 1
    except csv.Error:
        if not supply.exhausted:
            return None
    return cut if convincing >= _CONVINCING_RECORDS else None
