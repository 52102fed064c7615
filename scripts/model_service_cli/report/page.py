"""The report as one HTML page that needs nothing else, no script either. Pure: entries in, text out."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from model_service_cli.models.names import model_name
from model_service_cli.report.chart import HEIGHT, LEFT, RIGHT, TOP, WIDTH, charts
from model_service_cli.report.entries import ModelEntry, RunEntry, datasets
from model_service_cli.terminal.figures import figure, seconds
from model_service_cli.trace.page_parts import breakable, words

FOLDER = Path(__file__).resolve().parent
TEMPLATE = "report.html.jinja"
FIGURES = (("accuracy", "accuracy"), ("f1", "F1"), ("roc_auc", "ROC area"), ("log_loss", "log loss"))


def page(
    runs: Sequence[RunEntry], models: Sequence[ModelEntry], made_at: datetime, more: bool = False
) -> str:
    """The page. more: there are older runs, which it does not show."""
    newest = sorted(models, key=lambda one: one.published_at, reverse=True)
    return template().render(
        datasets=[(one, charts(one.drawn)) for one in datasets(runs, newest)],
        runs=runs,
        models=newest,
        more=more,
        made_at=moment(made_at),
        size={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "top": TOP},
        figures=FIGURES,
    )


def moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def duration(milliseconds: int | None) -> str:
    return "" if milliseconds is None else seconds(milliseconds).strip()


@cache
def template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": moment,
        "duration": duration,
        "figure": figure,
        "words": words,
        "name": model_name,
        "breakable": breakable,
    }
    return environment.get_template(TEMPLATE)
