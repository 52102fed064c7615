"""The columns of a Gaussian's design: its numbers, and for every category an indicator column a value.

A missing number is NaN here; what stands for it is not known before all rows are (see `gathering`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.model.rows import Feature

MAX_INDICATORS = 255
_CODES_BEFORE_VALUES = 2  # missing, other


@dataclass(frozen=True)
class Slots:
    """A category with its codes put into slots: each of the first codes has its own, the rare ones share the other's.

    feature: its index; codes: for each slot the codes in it.
    """

    feature: int
    codes: tuple[tuple[int, ...], ...]

    def of(self, codes: Sequence[int]) -> bytes:
        """The slot of each row."""
        slots = {code: slot for slot, of_slot in enumerate(self.codes) for code in of_slot}
        table = bytes(slots[code] for code in range(len(slots)))
        if isinstance(codes, bytes):
            return codes.translate(table + bytes(256 - len(table)))
        return bytes(map(table.__getitem__, codes))


@dataclass(frozen=True)
class Design:
    """numbers: indices of the features that are numbers; categories: the slots of those that have room.

    crowded: indices of the categories that have none, as the indicators of all would be more than MAX_INDICATORS;
    counted: indices of categories whose codes are counted, and become no columns.
    """

    numbers: tuple[int, ...]
    categories: tuple[Slots, ...] = ()
    crowded: tuple[int, ...] = ()
    counted: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """How many columns, indicators among them; marks of missing numbers may double those that are numbers."""
        return len(self.numbers) + sum(len(category.codes) for category in self.categories)

    @classmethod
    def of(cls, features: Sequence[Feature]) -> "Design":
        """The design for covariance matrices.

        Every category gets as many slots, as far as it has values: as many as there is room for in all. One slot
        of each is the reference and becomes no column.
        """
        numbers = tuple(j for j, feature in enumerate(features) if feature.values is None)
        sizes = {
            j: _CODES_BEFORE_VALUES + len(feature.values)
            for j, feature in enumerate(features)
            if feature.values is not None
        }
        fitting = list(sizes)[: MAX_INDICATORS // _CODES_BEFORE_VALUES]
        room = max(
            slots
            for slots in range(_CODES_BEFORE_VALUES + 1, MAX_INDICATORS + 2)
            if slots == _CODES_BEFORE_VALUES + 1
            or sum(min(slots, sizes[j]) - 1 for j in fitting) <= MAX_INDICATORS
        )
        categories = tuple(Slots(j, _slots(sizes[j], room)) for j in fitting)
        return cls(numbers, categories, tuple(j for j in sizes if j not in fitting))

    @classmethod
    def counting(cls, features: Sequence[Feature]) -> "Design":
        """The design without covariances between columns."""
        coded = tuple(j for j, feature in enumerate(features) if feature.values is not None)
        return cls(tuple(j for j in range(len(features)) if j not in coded), counted=coded)


def _slots(codes: int, room: int) -> tuple[tuple[int, ...], ...]:
    own = min(codes, room)
    return tuple((code, *range(own, codes)) if code == 1 else (code,) for code in range(own))
