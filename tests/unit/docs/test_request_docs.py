"""docs/request.md has every field of the request, as the check itself has it."""

import json
import re
from pathlib import Path

import pytest

import request_docs
from model_service_cli.door import CommandError
from shared.config import Config
from shared.contracts import Gate, PublishedArtifact, TrainingRequest, TrainingSummary, ValidatedDataset
from shared.event_fields import FileReference
from shared.request_fields import REQUEST_FIELDS, RequestField
from shared.run import Run

README = Path(__file__).parents[3] / "README.md"
PAGE = request_docs.PART.page.read_text(encoding="utf-8")


def test_the_page_has_not_drifted_from_the_fields():
    assert request_docs.PART.put_into(PAGE, request_docs.table(REQUEST_FIELDS)) == PAGE, "run: make docs"


def test_every_field_has_a_row_in_the_order_of_the_code():
    rows = [line.split("`")[1] for line in request_docs.table(REQUEST_FIELDS).splitlines()[2:]]
    assert rows == list(REQUEST_FIELDS)


def test_the_deployments_defaults_are_those_of_a_function_without_settings():
    request = TrainingRequest.from_event({}, Config.from_environment({}))
    for name, (member, variable) in request_docs.DEPLOYED.items():
        assert f"| `{name}` | `{variable}`: `{getattr(request, name)}` |" in PAGE
        assert getattr(Config.from_environment({variable: "changed"}), member) == "changed"


def test_a_default_is_shown_as_json_and_its_absence_in_words():
    def field(default):
        return RequestField(default, "a | b", lambda value: True, "2**3 <i>")

    assert request_docs.table(
        {"flag": field(False), "none": field(None), "name": field("x")}
    ).splitlines() == [
        "| field | default | allowed | meaning |",
        "| --- | --- | --- | --- |",
        r"| `flag` | `false` | a \| b | 2\*\*3 \<i> |",
        r"| `none` | absent | a \| b | 2\*\*3 \<i> |",
        r'| `name` | `"x"` | a \| b | 2\*\*3 \<i> |',
    ]


def test_the_members_that_the_page_describes_are_those_of_the_contracts(published):
    """The first column of the table under Output, against what PublishArtifact puts out."""
    described = [
        line.split("`")[1]
        for line in PAGE.partition("## Output")[2].partition("###")[0].splitlines()
        if line.startswith("| `")
    ]
    assert sorted(described) == sorted(published)


@pytest.fixture(scope="module")
def published() -> dict:
    somewhere = FileReference("artifacts", "runs/a/dataset/manifest.json", "ab")
    dataset = ValidatedDataset(Run("a"), {}, somewhere)
    return PublishedArtifact(
        TrainingSummary(dataset, {}, Gate(True, ""), somewhere), {}, somewhere
    ).to_event()


def test_the_requests_shown_on_the_page_are_allowed():
    shown = [line.split("'")[1] for line in PAGE.splitlines() if "INPUT='" in line]
    assert shown
    for text in shown:
        TrainingRequest.from_event(json.loads(text), Config())


def test_a_page_without_the_markers_is_refused_and_left_as_it_is(tmp_path):
    target = tmp_path / "request.md"
    target.write_text("# By hand\n")
    with pytest.raises(CommandError, match=r"request\.md needs the lines"):
        request_docs.write(target)
    assert target.read_text() == "# By hand\n"


def test_the_command_writes_the_table_and_nothing_else(tmp_path, capsys):
    target = tmp_path / "request.md"
    target.write_text(request_docs.PART.put_into(PAGE, "old").replace("# The request", "# By hand"))
    request_docs.write(target)
    assert target.read_text() == PAGE.replace("# The request", "# By hand")
    assert capsys.readouterr().out == f"docs: {target}\n"


def test_the_readme_has_a_row_for_every_field():
    rows = [line.split("|")[1] for line in README.read_text().splitlines() if line[:3] == "| `"]
    named = set(re.findall(r"`([a-z0-9_]+)`", "".join(rows)))
    assert set(REQUEST_FIELDS) - named == set()
