"""Write the table of cases into docs/verdict.md: what the rules say of each, held to what they must say by a test."""

from generated_part import GeneratedPart
from model_service_cli.files import ROOT
from request_docs import cell
from shared.verdict_words import headline
from verdict_cases import CASES, judged

PART = GeneratedPart(
    page=ROOT / "docs" / "verdict.md",
    begin="<!-- cases: written by `make docs` from docs/generate/verdict_cases.py -->",
    end="<!-- end of the cases -->",
)


def table() -> str:
    """A row per case: what the model says of the test rows, the outcome that it must get, and what a person reads."""
    rows = ["| case | verdict | what it says |", "| --- | --- | --- |"]
    for case in CASES:
        found = judged(case.said())
        rows.append(f"| {cell(case.name)} | {headline(case.expected)} | {cell(found.sentence)} |")
    return "\n".join(rows)


def write() -> None:
    PART.write(table(), PART.page)
