"""docs/faults.md and the scenarios, held together."""

import ast

from fault_scenarios import FOLDER, PAGE, page, scenarios


def test_the_page_tells_every_scenario_as_it_is_tried():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "write it: .venv/bin/python tests/integration/faults/fault_scenarios.py"
    )


def test_every_test_of_a_fault_is_a_scenario_and_the_other_way_round():
    tests = [
        node.name
        for file in FOLDER.glob("test_*.py")
        if file.name != "test_fault_table.py"
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    assert sorted(tests) == sorted(each.test for each in scenarios())
