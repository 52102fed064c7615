"""The lines of `run_lines` for a terminal: a step with its status in colour."""

from rich.text import Text

from model_service_cli.runs.run_lines import step_line
from model_service_cli.runs.steps import RUNNING, SUCCEEDED, Step
from model_service_cli.terminal.tables import FAILED, STYLES
from shared.event_fields import printable


def step_text(step: Step) -> Text:
    """The plain line, with its status in colour."""
    line = Text(f"  {printable(step_line(step))}")
    line.highlight_words([step.status.lower().replace("_", " ")], STYLES.get(step.status, FAILED))
    line.highlight_words(["cached"], "magenta")
    if step.failure:
        line.highlight_words(
            [step.failure.error], "yellow" if step.status in (RUNNING, SUCCEEDED) else FAILED
        )
    return line
