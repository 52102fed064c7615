"""A page of docs/ whose one part is generated: the part stands between two marker lines, the rest is by hand."""

from dataclasses import dataclass
from pathlib import Path

from model_service_cli.door import CommandError
from model_service_cli.files import ROOT


@dataclass(frozen=True)
class GeneratedPart:
    """page: the file; begin, end: the marker lines, HTML comments that no reader sees."""

    page: Path
    begin: str
    end: str

    def put_into(self, page: str, content: str) -> str:
        """The page's text with this content between the markers. Raises CommandError for one without them."""
        before, begin, rest = page.partition(f"{self.begin}\n")
        _, end, after = rest.partition(f"{self.end}\n")
        if not begin or not end:
            raise CommandError(f"{self.page.name} needs the lines {self.begin} and {self.end}, in this order")
        return f"{before}{begin}\n{content}\n\n{end}{after}"

    def write(self, content: str, target: Path) -> None:
        """Puts the content into the file `target`, and says so."""
        text = target.read_text(encoding="utf-8")
        target.write_text(self.put_into(text, content), encoding="utf-8")
        print(f"docs: {target.relative_to(ROOT) if target.is_relative_to(ROOT) else target}")
