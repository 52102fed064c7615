"""Reads a card's figures as a person does: places are values by the ticks that are written beside the axes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

Point = tuple[float, float]


@dataclass(frozen=True)
class Figure:
    svg: ElementTree.Element

    def texts(self, anchor: str = "start") -> list[tuple[float, float, str]]:
        """Place and content of texts that stand by themselves."""
        return [
            (float(text.get("x")), float(text.get("y")), "".join(text.itertext()))
            for text in self.svg.findall("text")
            if text.get("x") and text.get("text-anchor", "start") == anchor
        ]

    def across(self) -> Callable[[float], float]:
        """The value at a place from left to right, by the ticks in the middle under them."""
        return _line([(x, _value(content)) for x, _, content in self.texts("middle") if _is_value(content)])

    def up(self) -> Callable[[float], float]:
        """The value at a height, by the ticks that end on the left."""
        texts = self.texts("end")
        leftmost = min(x for x, _, _ in texts)
        return _line([(y - 4, _value(content)) for x, y, content in texts if x == leftmost])

    def lines(self, kind: str) -> list[list[Point]]:
        """Places of the paths of a class of the style sheet."""
        return [places(path) for path in self.svg.iter("path") if kind in path.get("class").split()]

    def dots(self, kind: str) -> list[Point]:
        found = [dot for dot in self.svg.iter("circle") if kind in dot.get("class").split()]
        return [(float(dot.get("cx")), float(dot.get("cy"))) for dot in found]

    def rows(self) -> list[ElementTree.Element]:
        """The lines of a bar chart."""
        return self.svg.findall("g")


def figure(html: str, title: str) -> Figure:
    """The figure of a title."""
    for drawing in re.findall(r"<svg viewBox.*?</svg>", html, re.DOTALL):
        svg = ElementTree.fromstring(drawing)
        found = svg.find("title")
        if found is not None and found.text == title:
            return Figure(svg)
    raise AssertionError(f"no figure {title!r}")


def places(path: ElementTree.Element) -> list[Point]:
    """The corners of a path of M, L, H and V."""
    found: list[Point] = []
    for command, numbers in re.findall(r"([MLHV])([-\d. ]+)", path.get("d")):
        values = [float(number) for number in numbers.split()]
        x, y = found[-1] if found else (0.0, 0.0)
        found.append({"H": (values[0], y), "V": (x, values[0])}.get(command) or (values[0], values[1]))
    return found


def bars(row: ElementTree.Element) -> list[tuple[float, float, str]]:
    """Start, length and class of the bars in a line of a chart."""
    return [(float(bar.get("x")), float(bar.get("width")), bar.get("class")) for bar in row.findall("rect")]


def name_in(row: ElementTree.Element) -> str:
    return row.findall("text")[0].text


def cells(html: str, caption: str) -> list[list[str]]:
    """The lines of the table with a caption, its head first, without markup."""
    table = html[html.index(f"<caption>{caption}</caption>") :]
    lines = re.findall(r"<tr.*?</tr>", table[: table.index("</table>")], re.DOTALL)
    return [
        [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", line, re.DOTALL)]
        for line in lines
    ]


def _is_value(content: str) -> bool:
    return re.fullmatch(r"-?[\d.]+%?", content) is not None


def _value(content: str) -> float:
    return float(content.rstrip("%")) / (100 if content.endswith("%") else 1)


def _line(ticks: list[tuple[float, float]]) -> Callable[[float], float]:
    """Through the first and the last tick; all ticks lie on it."""
    ticks = sorted(ticks)
    (start, low), (end, high) = ticks[0], ticks[-1]

    def at(place: float) -> float:
        return low + (high - low) * (place - start) / (end - start)

    assert all(abs(at(place) - value) < 0.01 * abs(high - low) for place, value in ticks)
    return at
