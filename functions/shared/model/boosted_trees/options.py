"""What can be set about boosting, and what it is unless it is set."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """trees: rounds of boosting at most, each a tree for two classes and a tree a class for more. patience: rounds
    without a lower held-out loss after which a watched fit ends. leaves: of a tree, at most. min_rows: of a leaf, at
    least; None for a fiftieth of the rows, at most 20. rate: by which a Newton step is shortened. ridge: added to the
    second derivative. seed: of the rounding and the order of the rows.
    """

    trees: int = 600
    patience: int = 30
    leaves: int = 8
    min_rows: int | None = None
    rate: float = 0.05
    ridge: float = 1.0
    seed: int = 0

    def rows_of_a_leaf(self, rows: int) -> int:
        """At least so many, of so many rows in all."""
        return max(1, min(20, rows // 50)) if self.min_rows is None else self.min_rows
