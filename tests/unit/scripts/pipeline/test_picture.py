"""The picture of a run: the display's own lines, equal for equal runs, nothing to be fetched."""

import json
import re
from xml.etree import ElementTree

from traced_runs import ARN, BEGIN, REQUEST, published

from model_service_cli.pipeline.picture import picture
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.history import steps


def drawn(s3) -> str:
    history, _ = published()
    execution = Execution(
        ARN,
        "SUCCEEDED",
        json.dumps(REQUEST),
        history.value,
        None,
        BEGIN,
        18_600,
        tuple(steps(history.events)),
    )
    return picture(execution, None, s3)


def test_it_shows_the_command_its_states_the_data_and_the_figures(s3):
    root = ElementTree.fromstring(drawn(s3))
    said = "\n".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    said = said.replace("\N{NO-BREAK SPACE}", " ")
    for shown in ("$ make run-pipeline", "FetchAndValidate", "344 used", "0.9855", "succeeded in 18.60 s"):
        assert shown in said


def test_equal_runs_make_equal_pictures_and_no_font_is_fetched(s3):
    assert drawn(s3) == drawn(s3)
    assert "@font-face" not in drawn(s3)
    assert set(re.findall(r"(?:href|src|url)[=(]\"?(\w+):", drawn(s3))) == set()
