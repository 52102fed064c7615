"""How a run chose its model, as lines: each candidate with its out-of-fold figures. Pure: an output in, text out."""

from collections.abc import Iterator
from typing import Any

from model_service_cli.terminal.figures import figure
from shared.model.leaderboard import lines_of


def leaderboard_lines(output: dict[str, Any]) -> Iterator[str]:
    """The table of candidates; nothing where the model was asked for and not chosen."""
    match output:
        case {"leaderboard": [*entries]} if entries:
            yield f"{'candidate':<34} {'log loss':>9} {'roc_auc':>9} {'accuracy':>9} {'weight':>7}"
            for line in lines_of(entries):
                if line.reason:
                    yield f"{line.name:<34} not fitted: {line.reason}"
                    continue
                figures = (line.log_loss, line.roc_auc, line.accuracy)
                told = " ".join(f"{figure(value):>9}" for value in figures)
                weight = f"{line.weight:>7.0%}" if line.weight else ""
                yield f"{line.name:<34} {told} {weight}".rstrip()
