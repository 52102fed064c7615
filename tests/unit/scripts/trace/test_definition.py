"""A definition becomes states and edges, whatever it holds."""

import pytest
from traced_runs import DEFINITION

from model_service_cli.trace.definition import END, START, Edge, read_machine


def test_every_state_and_every_transition_is_read():
    machine = read_machine(DEFINITION.read_text())
    assert machine.states["FitFolds"].inside == ("FitFold",)
    assert machine.states["ValidateShards"].mode == "Distributed Map"
    assert {edge.target for edge in machine.edges if edge.source == "HowManyShards"} == {
        "ValidateShards",
        "IsOneLambdaEnough",
    }
    assert Edge(START, "FetchAndValidate") in machine.edges
    assert Edge("PublishArtifact", END) in machine.edges
    assert Edge("Summarize", "ReadErrorMessage", caught=True) in machine.edges
    assert [edge for edge in machine.edges if edge.source == "RunFailed"] == []


def test_an_edge_to_a_state_that_is_not_there_is_left_out():
    machine = read_machine('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "Gone"}}}')
    assert machine.edges == (Edge(START, "A"),)


def test_branches_are_inside_their_parallel():
    machine = read_machine(
        '{"StartAt": "P", "States": {"P": {"Type": "Parallel", "End": true, "Branches": '
        '[{"StartAt": "A", "States": {"A": {}}}, {"StartAt": "B", "States": {"B": {}}}]}}}'
    )
    assert machine.states["P"].inside == ("A", "B")


@pytest.mark.parametrize("text", ["", "no json", "[]", "{}", '{"StartAt": "A", "States": {}}'])
def test_what_is_no_definition_is_no_machine(text):
    assert read_machine(text) is None
