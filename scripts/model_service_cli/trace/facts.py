"""What a person wants first of a run: which it is, its data, its model, its figures; of one that failed or still runs
what it got to. Pure: an execution in, words out."""

from collections.abc import Iterator

from model_service_cli.documents import object_or_empty
from model_service_cli.models.names import family_in_words, model_name
from model_service_cli.runs.data_lines import data_lines, folder_in_words, overview_in
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.got_to import got_to, label_of, part
from model_service_cli.terminal.figures import figure
from model_service_cli.terminal.lines import HEAD

Facts = Iterator[tuple[str, str]]
# (the metric, its words, what the verdict calls its comparison with a constant answer)
METRICS = (
    ("accuracy", "accuracy", "accuracy"),
    ("balanced_accuracy", "balanced accuracy", ""),
    ("f1", "F1", ""),
    ("roc_auc", "ROC area", "ranking"),
    ("log_loss", "log loss", "log loss"),
)


def facts(execution: Execution) -> Facts:
    """Name and value of what is known."""
    known, request = got_to(execution), object_or_empty(execution.input)
    run = part(known, "run")
    yield "run", str(run.get("run_id") or "")
    dataset = part(known, "dataset") or request
    if dataset.get("key"):
        bucket = dataset.get("bucket")
        yield "data", f"s3://{bucket}/{dataset['key']}" if bucket else str(dataset["key"])
    yield "data's S3 version id", str(dataset.get("version_id") or "")
    yield "data's objects", folder_in_words(dataset)
    yield "label", label_of(request)
    yield "model", family_in_words(known.get("leaderboard") or [], request) if "metrics" in known else ""
    if sha256 := part(known, "artifact").get("sha256"):
        yield "published as", model_name(str(sha256))
    if cached := run.get("cached"):
        yield "found done", ", ".join(map(str, cached))


def metric_facts(execution: Execution) -> Iterator[tuple[str, str, str]]:
    """Of the run's own model: name, value, and the same of what needs no model, where it was compared."""
    known = got_to(execution)
    metrics, compared = part(known, "metrics"), part(known, "verdict").get("comparisons") or ()
    constant = {one.get("what"): one.get("reference") for one in compared}
    for name, said, what in METRICS:
        if metrics.get(name) is not None:
            reference = constant.get(what, metrics.get(f"baseline_{name}"))
            yield said, figure(metrics[name]), figure(reference)


def data_facts(execution: Execution) -> list[tuple[str, str]]:
    """What the run made of its data, as the terminal says it: a head and what it tells. Empty before it is known."""
    overview = overview_in(got_to(execution))
    told: list[tuple[str, str]] = []
    for line in data_lines(overview) if overview else ():
        head, text = line[:HEAD].strip(), line[HEAD:]
        if head or not told:
            told.append((head, text))
        else:  # the terminal's line was folded
            told[-1] = told[-1][0], f"{told[-1][1]} {text}"
    return told
