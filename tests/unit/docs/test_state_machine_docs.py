"""The diagram in docs/architecture.md has every state and every transition of the definition."""

import json
import re
from collections.abc import Iterator

import pytest

import state_machine_docs
from model_service_cli.door import CommandError

PAGE = state_machine_docs.PART.page.read_text(encoding="utf-8")
MACHINE = json.loads(state_machine_docs.DEFINITION.read_text(encoding="utf-8"))
LINES = [line.strip() for line in state_machine_docs.diagram(MACHINE).splitlines()]


def transitions(machine: dict, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(from, arrow, to) of a machine and of the Maps in it, read apart from the code that draws them."""
    yield f"{prefix}Start", "-->", machine["StartAt"]
    for name, state in machine["States"].items():
        following = [
            state.get("Next"),
            state.get("Default"),
            *(rule["Next"] for rule in state.get("Choices", [])),
        ]
        yield from ((name, "-->", target) for target in following if target)
        yield from ((name, ".->", rule["Next"]) for rule in state.get("Catch", []))
        if state.get("End"):
            yield name, "-->", f"{prefix}End"
        if state["Type"] == "Map":
            yield from transitions(state["ItemProcessor"], f"{name}_")


def edges(lines: list[str]) -> list[tuple[str, str, str]]:
    return [
        match.groups()
        for line in lines
        if (match := re.fullmatch(r"(\w+) (?:-[-.] \".*\" )?(-->|\.->) (\w+)", line))
    ]


def test_the_page_has_not_drifted_from_the_definition():
    assert state_machine_docs.PART.put_into(PAGE, state_machine_docs.content()) == PAGE, "run: make docs"


def test_the_page_has_one_diagram():
    assert PAGE.count("flowchart TD") == 1


def test_every_transition_is_drawn_once_and_no_other():
    assert sorted(edges(LINES)) == sorted(transitions(MACHINE))
    assert len(edges(LINES)) > 15


def test_every_state_is_drawn_and_ends_look_different_from_choices_and_work():
    for name, state in MACHINE["States"].items():
        opening = {"Choice": '{"', "Fail": '(["', "Map": ' ["'}.get(state["Type"], '["')
        assert [line for line in LINES if line.removeprefix("subgraph ").startswith(f"{name}{opening}")], name


def test_what_a_map_runs_lies_inside_it():
    drawn = "\n".join(LINES)
    inside = drawn.partition("subgraph ValidateShards ")[2].partition("\nend\n")[0]
    assert 'ValidateShard["ValidateShard"]' in inside
    assert "Distributed Map" in inside
    assert "Summarize" not in inside


def test_a_catch_names_the_errors_that_it_catches():
    (line,) = [line for line in LINES if line.startswith("PublishArtifact -.")]
    caught = MACHINE["States"]["PublishArtifact"]["Catch"][0]["ErrorEquals"]
    assert line == f'PublishArtifact -. "{"<br>".join(caught)}" .-> ReadErrorMessage'


def test_a_new_state_changes_the_diagram():
    states = MACHINE["States"] | {"Later": {"Type": "Succeed"}}
    assert 'Later(["Later"])' in state_machine_docs.diagram(MACHINE | {"States": states})


@pytest.mark.parametrize(
    "rule", [{"Variable": "$.rows", "NumericGreaterThan": 1, "Next": "A"}, {"Not": {}, "Next": "A"}]
)
def test_a_rule_without_words_is_refused_rather_than_drawn_wrong(rule):
    choice = {"StartAt": "C", "States": {"C": {"Type": "Choice", "Choices": [rule]}}}
    with pytest.raises(CommandError, match="add its comparison to COMPARISONS"):
        state_machine_docs.diagram(choice)


def test_the_command_writes_the_diagram_and_nothing_else(tmp_path, capsys):
    target = tmp_path / "architecture.md"
    target.write_text(state_machine_docs.PART.put_into(PAGE, "old").replace("# Architecture", "# By hand"))
    state_machine_docs.write(target)
    assert target.read_text() == PAGE.replace("# Architecture", "# By hand")
    assert capsys.readouterr().out == f"docs: {target}\n"
