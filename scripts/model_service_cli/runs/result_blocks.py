"""What a run came to, as blocks of lines in the order in which a person asks: is there anything to be warned of, what
was chosen, how good is it, what does it confuse, is it worth anything, where is it, what next.

Pure: an output and its summary in, lines out; styled ones, for a terminal, whose plain text is what a pipe gets.
"""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from model_service_cli.models.names import model_name
from model_service_cli.runs.confusion import confusion_lines
from model_service_cli.runs.leaderboard_lines import leaderboard_lines
from model_service_cli.runs.metric_table import before_metrics, metric_lines
from model_service_cli.runs.run_lines import warning_lines
from model_service_cli.terminal.lines import HEAD, headed
from model_service_cli.terminal.verdicts import verdict_text


def judged_blocks(output: dict[str, Any], summary: dict[str, Any]) -> Iterator[list[Text]]:
    """What Summarize's output says of the model: warnings, leaderboard, metrics, confusion matrix, verdict.

    summary: the run's document of that name, {} where it cannot be read.
    """
    blocks = [
        [Text(line, style="bold yellow") for line in warning_lines(output)],
        _with_head(leaderboard_lines(output)),
        list(metric_lines(output, summary)),
        _with_head(confusion_lines(summary)),
        verdict_lines(output.get("verdict")),
    ]
    yield from (block for block in blocks if block)


def verdict_lines(verdict: Any) -> list[Text]:
    """The sentence, which begins with the verdict's words, and what it rests on."""
    words = verdict_text(verdict)
    if not isinstance(verdict, dict) or not words.plain:
        return []
    lines = list(map(Text, headed("verdict", str(verdict.get("sentence") or words.plain))))
    lines[0].stylize(f"bold {words.style}", HEAD, HEAD + len(words.plain))
    for reason in verdict.get("reasons") or ():
        lines += (Text(line, style="dim") for line in headed("", str(reason)))
    return lines


def published_lines(output: dict[str, Any], execution: str) -> Iterator[Text]:
    """Where the model is, and the commands that come next. execution: the run's name."""
    match output.get("artifact"):
        case {"bucket": str(bucket), "key": str(key), "sha256": str(sha256)}:
            name = model_name(sha256)
        case _:
            return
    yield Text(f"{'model':<11}").append(name, style="bold green")
    yield Text(f"artifact   s3://{bucket}/{key}")
    # With another model to be compared with, that; else how the run went.
    third = f"make trace EXECUTION={execution}"
    if before_metrics(output)[0]:
        third = f'make compare RUNS="{model_name(output["regression"]["current"])} {name}"'
    commands = (f"make card MODEL={name}", f"make predict DATA=new.csv MODEL={name}", third)
    for place, command in enumerate(commands):
        yield Text(f"{'' if place else 'next':<11}").append(command, style="cyan")


def _with_head(lines: Iterator[str]) -> list[Text]:
    return [Text(line, style="" if place else "bold") for place, line in enumerate(lines)]
