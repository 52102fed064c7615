"""Rows as bits of integers: whatever is done to every row of a set is one operation of the interpreter on one long
integer, at some hundredths of a nanosecond a row. The first row is the highest bit."""

from collections.abc import Iterable, Sequence

from shared.model.boosted_trees.bins import CODES
from shared.model.boosted_trees.tree import Split

_IS_CODE = [bytes(48 + (value == code) for value in range(256)) for code in range(CODES)]
_FROM_DIGITS = bytes(48) + bytes([0, 1]) + bytes(206)  # the digits of a binary number -> 0 and 1


def mask_of(codes: bytes, code: int) -> int:
    """The rows with this code. codes: at least one."""
    return int(codes.translate(_IS_CODE[code]), 2)


def bit_of_each(mask: int, rows: int) -> bytes:
    """0 or 1 a row."""
    return format(mask, f"0{rows}b").encode().translate(_FROM_DIGITS)


def integers(planes: Sequence[int], rows: int) -> bytes:
    """A byte a row: bit b of row i is bit i of planes[b]. planes: at most eight."""
    joined = 0
    for place, plane in enumerate(planes):
        joined |= int.from_bytes(bit_of_each(plane, rows), "big") << place
    return joined.to_bytes(rows, "big")


class CodedRows:
    """Rows by code of each column.

    rows: how many, at least one. masks: for each column, its codes that occur, ascending -> their rows. places: for
    each column, the place of each row's code among these.
    """

    def __init__(self, columns: Iterable[bytes | None], rows: int) -> None:
        """columns: the codes of each, or None where no tree looks at it."""
        self.rows = rows
        self.everyone = (1 << rows) - 1
        self.masks: list[dict[int, int]] = []
        self.places: list[bytes] = []
        for column in columns:
            codes = column or b""
            present = sorted(set(codes))
            self.masks.append({code: mask_of(codes, code) for code in present})
            self.places.append(codes.translate(bytes.maketrans(bytes(present), bytes(range(len(present))))))

    def with_codes(self, feature: int, codes: int) -> int:
        """The rows whose code of the feature is in a set (bit c is code c)."""
        union = 0
        for code, mask in self.masks[feature].items():
            if codes >> code & 1:
                union |= mask
        return union

    def leaves(self, splits: Iterable[Split]) -> list[int]:
        """The rows of each leaf of a tree."""
        masks = [self.everyone]
        for split in splits:
            node = masks[split.leaf]
            left = node & self.with_codes(split.feature, split.codes)
            masks[split.leaf] = left
            masks.append(node ^ left)
        return masks


def leaf_of_each(leaves: Sequence[int], rows: int) -> bytes:
    """The index of the leaf that each row is in."""
    planes = []
    for place in range((len(leaves) - 1).bit_length()):
        plane = 0
        for leaf, mask in enumerate(leaves):
            if leaf >> place & 1:
                plane |= mask
        planes.append(plane)
    return integers(planes, rows)
