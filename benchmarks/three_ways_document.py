"""Puts a result of `make comparison` into docs/comparison.md.

.venv/bin/python benchmarks/three_ways_document.py [tmp/comparison.json]
"""

import json
import sys
from pathlib import Path

from page_parts import with_part
from three_ways import RESULT, ROOT, markdown

PAGE = ROOT / "docs" / "comparison.md"
BEGIN = "<!-- measured: written by benchmarks/three_ways_document.py -->\n"
END = "<!-- end of measured -->\n"


def with_measured(page: str, text: str) -> str:
    """The page with another table; raises ValueError when it has no place for it."""
    return with_part(page, BEGIN, END, text)


def main() -> None:
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULT
    PAGE.write_text(with_measured(PAGE.read_text(), markdown(json.loads(source.read_text()))))


if __name__ == "__main__":
    main()
