"""A tree as the cuts that made it, which are bits of rows wherever it is used."""

from typing import NamedTuple


class Split(NamedTuple):
    """Cuts a leaf in two: its rows whose code of the feature is in `codes` stay, the rest become the newest leaf.

    codes: bit c for code c. gain: by how much the squared error of the gradients is lower for it.
    """

    leaf: int
    feature: int
    codes: int
    gain: float


class Tree(NamedTuple):
    """splits: in order, of the leaf 0 that is all rows at first. values: of each leaf, in units (`fixed_point`)."""

    splits: tuple[Split, ...]
    values: tuple[int, ...]
