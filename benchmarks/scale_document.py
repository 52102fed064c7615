"""Puts a result of `make benchmark-scale` into docs/scale.md, with what follows from it for AWS.

.venv/bin/python benchmarks/scale_document.py [tmp/benchmark-scale.json]
"""

import json
import sys
from pathlib import Path

import scale_costs
import scale_tables
from page_parts import with_part
from result_tables import as_markdown

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "scale.md"


def with_section(page: str, name: str, text: str) -> str:
    """The page with another text between the lines that mark section `name`.

    Raises ValueError when it has no such lines.
    """
    begin, end = (
        f"<!-- {name}: written by benchmarks/scale_document.py -->\n",
        f"<!-- end of {name} -->\n",
    )
    return with_part(page, begin, end, text)


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tmp" / "benchmark-scale.json"
    result = json.loads(source.read_text())
    measured = [scale_tables.machine_line(result) + ".", *map(as_markdown, scale_tables.tables(result))]
    page = with_section(PAGE.read_text(), "measured", "\n\n".join(measured))
    page = with_section(page, "extrapolated", "\n\n".join(map(as_markdown, scale_costs.tables(result))))
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
