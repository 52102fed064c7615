"""Two or more runs side by side: what differs, which figures are better or worse, and what can be shown row by row.

    python -m model_service_cli compare [--runs "WHICH WHICH ..."] [--a WHICH] [--b WHICH] [--all] [--md | --json]

WHICH is an execution's name, its ARN, a run_id, or a model that the run published, by its name, its stable key or a
file. By default they are the two newest that succeeded, on the same data where there are two, the older one first. Any
run can be compared, also one that was rejected or failed.
"""

import hashlib
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from model_service_cli.cloud import Deployed, client
from model_service_cli.door import CommandError
from model_service_cli.models.artifact_reader import named_content, stable_catalogue
from model_service_cli.models.names import beginning, model_name
from model_service_cli.runs.compared import LETTERS, Compared, drifts, rows
from model_service_cli.runs.comparison_text import Comparison, document, markdown, text_lines
from model_service_cli.runs.follow import Execution, Follower
from model_service_cli.runs.got_to import part
from model_service_cli.runs.listed_runs import SEARCHED, ListedRun, find, newest, newest_succeeded
from model_service_cli.runs.paired import Difference, differences
from model_service_cli.runs.run_documents import read_content, read_document
from model_service_cli.runs.steps import SUCCEEDED
from model_service_cli.terminal.as_json import json_option, print_json
from model_service_cli.terminal.lines import is_terminal
from shared.artifact_keys import dataset_name
from shared.errors import DatasetChangedError
from shared.test_rows import ScoredRows, scored_rows_from_npz

LOOKED_AT = 30  # executions among which one on the same data is looked for


def choose(states: Any, machine: str, wanted: list[str]) -> list[ListedRun]:
    """The runs to compare, two at least. Raises CommandError for one that is unknown, and for too many."""
    if len(wanted) > len(LETTERS):
        raise CommandError(
            f"{len(wanted)} runs are too many to compare: {len(LETTERS)} at most", exit_status=2
        )
    found = [_named(states, machine, one) for one in wanted]
    given = {run.arn for run in found}
    if len(given) < len(found):
        raise CommandError("RUNS names a run twice", exit_status=2)
    others = (run for run in newest_succeeded(states, machine) if run.arn not in given)
    added = _added(found, islice(others, LOOKED_AT)) if len(found) < 2 else []
    if len(found) + len(added) < 2:
        raise CommandError("there are not two executions to compare; run: make run-pipeline")
    return [*reversed(added), *found]


def _added(found: list[ListedRun], others: Iterator[ListedRun]) -> list[ListedRun]:
    """What makes them two: the newest, and then the newest on the same data; if there is none, on any."""
    added = list(islice(others, 1 - len(found)))
    second: ListedRun | None = None
    for run in others:
        if any(_data(run) == _data(one) for one in (*found, *added)):
            return [*added, run]
        second = second or run
    return [*added, *([second] if second else [])]


def _data(run: ListedRun) -> tuple[str, str]:
    dataset = run.section("dataset")
    return str(dataset.get("bucket")), dataset_name(str(dataset.get("key")))


def _named(states: Any, machine: str, wanted: str) -> ListedRun:
    """The run of that name, or the newest that published the model that is so named, by its name, key or file."""
    start = beginning(wanted)
    if not start and not wanted.startswith("arn:") and ("/" in wanted or Path(wanted).exists()):
        content, _ = named_content(client("s3"), stable_catalogue, wanted)
        start = hashlib.sha256(content).hexdigest()
    if start:
        for run in islice(newest(states, machine), SEARCHED):
            published = str(run.section("artifact").get("sha256") or "")
            if run.run_id == wanted or published.startswith(start):
                return run
    if start != beginning(wanted):
        raise CommandError(
            f"none of the newest {SEARCHED} executions published {wanted}, which is {model_name(start or '')}",
            exit_status=2,
        )
    return find(states, machine, wanted)


def details(states: Any, s3: Any, run: ListedRun) -> Compared:
    """The run with its manifest and summary. The history is read where there is no output alone."""
    if run.status == SUCCEEDED:
        given, output = json.dumps(run.input), json.dumps(run.output)
        execution = Execution(run.arn, run.status, given, output, None, run.started_at, run.duration_ms, ())
    else:
        execution = Follower(states, run.arn).look()
    known = Compared(execution).known
    manifest = read_document(s3, part(known, "dataset").get("manifest"))
    return Compared(execution, manifest, read_document(s3, known.get("summary")))


def compared(s3: Any, runs: list[Compared]) -> Comparison:
    """The runs, with what their test rows and profiles say of each other."""
    scored = [_scored(s3, run.summary.get("test_rows")) for run in runs]
    in_time = part(runs[0].summary, "split").get("method") == "chronological"
    return Comparison(tuple(runs), tuple(rows(runs)), dict(_paired(scored, in_time)), dict(drifts(runs)))


def _paired(scored: list[ScoredRows | None], in_time: bool) -> Iterator[tuple[int, list[Difference] | str]]:
    """By place, how a later run's model differs from the first run's; only of runs that have a model."""
    first, *others = scored
    for place, other in enumerate(others, 1):
        if first and other:
            yield place, differences(first, other, in_time)


def _scored(s3: Any, reference: Any) -> ScoredRows | None:
    content = read_content(s3, reference)
    if content is None:
        return None
    try:
        return scored_rows_from_npz(content)
    except DatasetChangedError as error:
        raise CommandError(str(error)) from error


def show(found: Comparison, everything: bool) -> None:
    """Prints the comparison, in colours on a terminal."""
    console = Console(file=sys.stdout, highlight=False)
    for line in text_lines(found, everything):
        if is_terminal(sys.stdout):
            console.print(Text.assemble(*line), soft_wrap=True)
        else:
            print("".join(text for text, _ in line).rstrip())


@click.command()
@click.option(
    "--runs", "named", default="", metavar="WHICH...", help="Names, ARNs, run_ids or models, two or more."
)
@click.option("--a", default="", metavar="WHICH", help="One of them.")
@click.option("--b", default="", metavar="WHICH", help="The other one.")
@click.option("--all", "everything", is_flag=True, help="What is the same in all, too.")
@click.option("--md", "as_markdown", is_flag=True, help="The same as Markdown.")
@json_option
def compare(named: str, a: str, b: str, everything: bool, as_markdown: bool, as_json: bool) -> None:
    """Two or more runs side by side, what differs, and which is better; by default the two newest that succeeded."""
    wanted = [*named.replace(",", " ").split(), *filter(None, (a, b))]
    deployed = Deployed.find()
    states, s3 = client("stepfunctions"), client("s3")
    runs = choose(states, deployed.state_machine_arn, wanted)
    found = compared(s3, [details(states, s3, run) for run in runs])
    if as_json:
        print_json(document(found))
    elif as_markdown:
        print("\n".join(markdown(found, everything)))
    else:
        show(found, everything)
