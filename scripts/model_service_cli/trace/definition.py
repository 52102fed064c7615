"""A state machine's definition as states and edges, for its graph. Pure: the text of the definition in, values out.

What a state does (its parameters, its retries) is not read here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from model_service_cli.documents import object_or_empty

START = "start"  # no state: where the machine begins, and where it ends well
END = "end"


@dataclass(frozen=True)
class State:
    """kind: its Type; inside: the names of the states that a Map or a Parallel runs, in the order they are written."""

    name: str
    kind: str
    inside: tuple[str, ...] = ()
    mode: str = ""


@dataclass(frozen=True)
class Edge:
    """source, target: names of states, START or END; caught: by a Catch."""

    source: str
    target: str
    caught: bool = False


@dataclass(frozen=True)
class Machine:
    states: dict[str, State]
    edges: tuple[Edge, ...]


def read_machine(definition: str) -> Machine | None:
    """The machine; None for a text that is no definition, such as one that is not there."""
    document = object_or_empty(definition)
    match document:
        case {"StartAt": str(first), "States": dict(given)} if first in given:
            found = {name: _state(name, one) for name, one in given.items() if isinstance(one, dict)}
            edges = [Edge(START, first)]
            for name in found:
                edges += [
                    edge for edge in _edges(name, given[name]) if edge.target in found or edge.target == END
                ]
            return Machine(found, tuple(dict.fromkeys(edges)))
    return None


def _state(name: str, given: dict[str, Any]) -> State:
    inner = given.get("ItemProcessor") or given.get("Iterator")
    machines = [inner] if isinstance(inner, dict) else given.get("Branches") or []
    inside = tuple(state for machine in machines for state in machine.get("States", ()))
    mode = ""
    if given.get("Type") == "Map":
        configured = (
            inner.get("ProcessorConfig", {}).get("Mode", "INLINE") if isinstance(inner, dict) else "INLINE"
        )
        mode = f"{configured.capitalize()} Map"
    return State(name, str(given.get("Type", "")), inside, mode)


def _edges(name: str, given: dict[str, Any]) -> Iterator[Edge]:
    for rule in given.get("Choices", ()):
        yield Edge(name, str(rule.get("Next")))
    for member in ("Default", "Next"):
        if member in given:
            yield Edge(name, str(given[member]))
    if given.get("End") or given.get("Type") == "Succeed":
        yield Edge(name, END)
    for rule in given.get("Catch", ()):
        yield Edge(name, str(rule.get("Next")), caught=True)
