"""Draw the state machine into docs/architecture.md: every state and every transition of the ASL, as mermaid.

The diagram stands between two marker lines; the rest of the page is written by hand. A test compares the two.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generated_part import GeneratedPart
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT

DEFINITION = ROOT / "statemachine" / "training_pipeline.asl.json"
PART = GeneratedPart(
    page=ROOT / "docs" / "architecture.md",
    begin="<!-- state machine: written by `make docs` from statemachine/training_pipeline.asl.json -->",
    end="<!-- end of the state machine -->",
)
Machine = dict[str, Any]  # what has a StartAt and States: the whole, and the inside of a Map

INDENT = "    "
# Mermaid's brackets make the shape: a rhombus for a choice, a stadium for an end, a box for work.
SHAPES = {"Choice": ('{"', '"}'), "Fail": ('(["', '"])'), "Succeed": ('(["', '"])')}
BOX = ('["', '"]')
COMPARISONS = {
    "BooleanEquals": "= {}",
    "StringEquals": "= {}",
    "NumericEquals": "= {}",
    "IsPresent": "is present: {}",
    "IsNull": "is null: {}",
}


def diagram(machine: Machine) -> str:
    """The machine as a mermaid flowchart: Catch edges dotted, a Map as a subgraph around its inner states."""
    lines = ["flowchart TD", *_states(machine, INDENT, "")]
    lines += [f"{INDENT}classDef failed stroke-dasharray: 4 3"]
    failed = [name for name, state in machine["States"].items() if state["Type"] == "Fail"]
    lines += [f"{INDENT}class {','.join(failed)} failed"] if failed else []
    return "\n".join(lines)


def _states(machine: Machine, indent: str, prefix: str) -> Iterator[str]:
    """Nodes, then edges. prefix: tells the start and the end of a Map's inside from those of the whole."""
    start, end = f"{prefix}Start", f"{prefix}End"
    yield f'{indent}{start}(("start"))'
    for name, state in machine["States"].items():
        if state["Type"] == "Map":
            processor = state["ItemProcessor"]
            mode = processor.get("ProcessorConfig", {}).get("Mode", "INLINE").capitalize()
            yield f'{indent}subgraph {name} ["{name}: {mode} Map over {_items(state)}"]'
            yield from _states(processor, indent + INDENT, f"{name}_")
            yield f"{indent}end"
        else:
            opening, closing = SHAPES.get(state["Type"], BOX)
            yield f"{indent}{name}{opening}{name}{closing}"
    if any(state.get("End") for state in machine["States"].values()):
        yield f'{indent}{end}(("end"))'
    yield f"{indent}{start} --> {machine['StartAt']}"
    for name, state in machine["States"].items():
        yield from (f"{indent}{edge}" for edge in _edges(name, state, end))


def _edges(name: str, state: dict[str, Any], end: str) -> Iterator[str]:
    for rule in state.get("Choices", ()):
        yield f'{name} -- "{_condition(rule)}" --> {rule["Next"]}'
    if "Default" in state:
        yield f'{name} -- "otherwise" --> {state["Default"]}'
    if "Next" in state:
        yield f"{name} --> {state['Next']}"
    if state.get("End"):
        yield f"{name} --> {end}"
    for rule in state.get("Catch", ()):
        yield f'{name} -. "{"<br>".join(rule["ErrorEquals"])}" .-> {rule["Next"]}'


def _items(state: dict[str, Any]) -> str:
    """What a Map goes over: the last word of the path to its list, or to the file that holds it."""
    path = state.get("ItemsPath") or state["ItemReader"]["Parameters"]["Key.$"].removesuffix(".key")
    return path.rpartition(".")[2]


def _condition(rule: dict[str, Any]) -> str:
    """A choice's rule in words. Raises CommandError for a comparison that has none here."""
    names = rule.keys() - {"Variable", "Next", "Comment"}
    if "Variable" not in rule or len(names) != 1 or not names <= COMPARISONS.keys():
        raise CommandError(f"no words for the rule {json.dumps(rule)}: add its comparison to COMPARISONS")
    (name,) = names
    value = rule[name] if isinstance(rule[name], str) else json.dumps(rule[name])
    return f"{rule['Variable'].removeprefix('$.')} {COMPARISONS[name].format(value)}"


def content() -> str:
    """What stands between the markers."""
    return f"```mermaid\n{diagram(json.loads(DEFINITION.read_text(encoding='utf-8')))}\n```"


def write(target: Path = PART.page) -> None:
    PART.write(content(), target)
