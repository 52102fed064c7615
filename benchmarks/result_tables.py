"""A result of the benchmark as tables, for the terminal and for a Markdown page."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from targets import targets

Json = dict[str, Any]

_SINGLE_THREADED = {"model service", "model service with boto3", "bare standard library"}
_DISTURBED = 1.15  # wall time by processor time


@dataclass(frozen=True)
class Table:
    """`note` says what the cells are; rows are as wide as the header."""

    title: str
    note: str
    header: tuple[str, ...]
    rows: list[tuple[str, ...]]


def tables(result: Json) -> Iterator[Table]:
    """All tables of a result, the targets last."""
    sizes = result["sizes"]
    columns = tuple(f"{size['megabytes']:g} MB" for size in sizes)
    repeats = ", ".join(str(size["repeat"]) for size in sizes)
    names = list(sizes[0]["competitors"])
    yield Table(
        "Whole process",
        f"seconds from spawn to exit, and peak memory in MB; the best of {repeats}",
        ("", *columns),
        [(name, *(_whole(size["competitors"][name]) for size in sizes)) for name in names],
    )
    yield Table(
        "Work alone",
        f"seconds after the imports, and MB of CSV a second; the best of {repeats}",
        ("", *columns),
        [(name, *(_work(size["competitors"][name], size["bytes"]) for size in sizes)) for name in names],
    )
    yield Table(
        "Our steps, each a process of its own as in Lambda",
        f"MB of CSV a second a core, and peak memory in MB; the best of {repeats}",
        ("", *columns),
        [
            (step, *(_step(size["steps"][step], size["bytes"]) for size in sizes))
            for step in sizes[0]["steps"]
        ],
    )
    yield _parsing(result["parsing"])
    yield from map(mixed_rows, filter(None, [result.get("mixed")]))
    yield from map(wide_rows, filter(None, [result.get("wide")]))
    yield _imports(result["imports"])
    yield Table(
        "Targets",
        "best against best",
        ("", "wanted", "measured", ""),
        [
            (target.name, target.wanted, target.measured, "reached" if target.met else "MISSED")
            for target in targets(result)
        ],
    )


def _whole(found: Json) -> str:
    return f"{_seconds(found['whole_seconds']['best'])} s  {found['peak_mb']['best']:.0f} MB"


def _work(found: Json, size: int) -> str:
    seconds = found["work_seconds"]["best"]
    return f"{_seconds(seconds)} s  {size / 1e6 / seconds:.0f} MB/s"


def _step(found: Json, size: int) -> str:
    return f"{size / 1e6 / found['processor_seconds']['best']:.0f} MB/s  {found['peak_mb']['best']:.0f} MB"


def _seconds(value: float) -> str:
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _parsing(parsing: Json) -> Table:
    bound = parsing["bound"]
    rows = [
        (
            f"bare standard library, unquoted, blocks of {bound['block_kib']} KiB",
            *_rates(bound, parsing["rows"]),
            "1",
            "1",
        )
    ]
    for quoting, found in parsing["validated"].items():
        ratios = (f"{found['ratio']:.2f}", f"{found['median_ratio']:.2f}")
        rows.append((f"FetchAndValidate, {quoting}", *_rates(found, parsing["rows"]), *ratios))
    return Table(
        "Parsing with full validation",
        f"the same {parsing['rows']:,} rows; ratios of rows a second; best, and median, of {parsing['rounds']}",
        ("", "MB/s", "rows/s", "ratio", "median"),
        rows,
    )


def mixed_rows(mixed: Json) -> Table:
    return Table(
        "A table of text, dates and holes",
        f"10 numbers, 8 text columns, 2 of dates, 5 % missing, {mixed['rows']:,} rows; processor seconds; ratio to "
        "a loop that splits, converts numbers with float and looks texts up in a dict; FetchAndValidate's process "
        f"peaks at {mixed['peak_mb']:.0f} MB; best of {mixed['rounds']}",
        ("", "MB/s", "rows/s", "ratio"),
        [
            (name, *_rates(found, mixed["rows"]), f"{found['ratio']:.2f}")
            for name, found in mixed["readers"].items()
        ],
    )


def wide_rows(wide: Json) -> Table:
    return Table(
        "Few columns and many",
        f"tables of {wide['megabytes']:g} MB of numbers, model gaussian; MB of CSV a processor second, and peak memory "
        f"of a process that takes both steps; best of {wide['rounds']}",
        ("", "FetchAndValidate", "Summarize", "memory"),
        [
            (
                f"{found['columns']} columns, {found['covariance']}",
                f"{found['validated_mb_per_second']:.1f}",
                f"{found['summarized_mb_per_second']:.1f}",
                f"{found['peak_mb']:.0f} MB",
            )
            for found in wide["tables"]
        ],
    )


def _rates(found: Json, rows: int) -> tuple[str, str]:
    return f"{found['mb_per_second']:.1f}", f"{rows / found['seconds']['best']:,.0f}"


def _imports(imports: Json) -> Table:
    return Table(
        "Import times",
        f"milliseconds; best, and median, of {len(imports['boto3_ms']['all'])} for boto3",
        ("", "best", "median"),
        [
            _milliseconds("boto3", imports["boto3_ms"]),
            *(
                _milliseconds(f"{name}.handler, after boto3", found)
                for name, found in imports["handlers_ms"].items()
            ),
        ],
    )


def _milliseconds(name: str, found: Json) -> tuple[str, str, str]:
    return name, f"{found['best']:.1f}", f"{found['median']:.1f}"


def machine_line(result: Json) -> str:
    """Where and when it was measured, in a sentence."""
    machine = result["machine"]
    before, after = result["load"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, {versions}; {result['started_at'][:10]}, "
        f"load average {before:.1f} before and {after:.1f} after"
    )


def disturbances(result: Json) -> list[str]:
    """Where a single-threaded competitor waited for a core even in its best run: other work was going on."""
    return [
        f"Other work disturbed {name} at {size['megabytes']:g} MB: its {found['work_seconds']['best']:.1f} s "
        f"hold {found['processor_seconds']['best']:.1f} s of processor time."
        for size in result["sizes"]
        for name, found in size["competitors"].items()
        if name in _SINGLE_THREADED
        and found["work_seconds"]["best"] > _DISTURBED * found["processor_seconds"]["best"] + 0.1
    ]


def as_text(table: Table) -> str:
    """For the terminal: the first column to the left, the others to the right."""
    cells = [table.header, *table.rows]
    widths = [max(len(row[j]) for row in cells) for j in range(len(table.header))]
    lines = [f"{table.title} ({table.note})"]
    for row in cells:
        right = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  " + "   ".join([row[0].ljust(widths[0]), *right]).rstrip())
    return "\n".join(lines)


def as_markdown(table: Table) -> str:
    rule = "| " + " | ".join(["---", *["---:"] * (len(table.header) - 1)]) + " |"
    lines = [f"### {table.title}", "", table.note[0].upper() + table.note[1:] + ".", ""]
    lines += [_row(table.header), rule, *map(_row, table.rows)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
