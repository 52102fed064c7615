"""Which class a run's precision, recall and F1 are about, and from which probability on it is predicted, as lines."""

from collections.abc import Iterator
from typing import Any

from model_service_cli.terminal.lines import headed
from shared.csv_file.cells import shown
from shared.model.decision import F1

_HOW = {F1: ', the one of the highest F1 on train rows that the models had not seen (threshold "f1")'}


def decision_lines(output: dict[str, Any]) -> Iterator[str]:
    """What goes with the metrics of two classes; nothing of more."""
    match output:
        case {"decision": {"positive_class": str(name), "threshold": threshold, "rule": rule}}:
            yield from headed(
                "positive",
                f"{shown(name)}: precision, recall, F1 and average precision are of this class; it is predicted from a "
                f"probability of {threshold:g} on{_HOW.get(rule, '')}",
            )
