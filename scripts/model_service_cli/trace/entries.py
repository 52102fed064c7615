"""The lines of a trace's page: a state, an attempt or an item each, with its bars and what it opens to.

Pure: rows of a timeline in, values out. How they are written as HTML is in `page`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from model_service_cli.runs.steps import RUNNING, SUCCEEDED, Failure
from model_service_cli.trace.page_parts import Axis, Bar, Text, failure_text, log_text, payload, span, words
from model_service_cli.trace.timeline import Invocation, Row, Try

LONG = 1500  # characters


@dataclass(frozen=True)
class Entry:
    """A state, an attempt or an item: one line with a track, and what it opens to."""

    anchor: str
    name: str
    status: str
    duration: str
    notes: tuple[str, ...]
    bars: tuple[Bar, ...]
    alternative: str
    texts: tuple[Text, ...] = ()
    lanes: tuple[tuple[Bar, ...], ...] = ()
    entries: tuple["Entry", ...] = ()
    entries_title: str = ""

    @property
    def is_long(self) -> bool:
        """Whether what it opens to is more than a screen, so that links to its parts help."""
        return len(self.texts) > 1 and sum(len(text.text) for text in self.texts) > LONG


def state_entry(number: int, row: Row, axis: Axis, inputs: Mapping[str, Sequence[object]]) -> Entry:
    step = row.step
    anchor = f"state-{number}"
    bars = [
        axis.bar(
            step.started_at, row.ended_at, "service", f"{step.name}: {span(row.ended_at - step.started_at)}"
        )
    ]
    notes = [word for word, holds in (("cached", step.cached), (step.kind, step.kind != "Task")) if holds]
    entries: list[Entry] = []
    title = ""
    lanes: tuple[tuple[Bar, ...], ...] = ()
    texts = [payload("Input", step.input), payload("Output", step.output)]
    if step.kind == "Map":
        entries = [
            _item(f"{anchor}-item-{place}", place, item, axis, inputs) for place, item in enumerate(row.items)
        ]
        targets = {item.request: entry.anchor for item, entry in zip(row.items, entries, strict=True)}
        lanes = tuple(
            tuple(bar for item in lane for bar in _call_bars(item, axis, targets[item.request]))
            for lane in row.lanes
        )
        bars += [axis.bar(start, end, "handler", "items at work") for start, end in _busy(row.items)]
        if entries:
            title = f"{len(entries)} items"
            notes.append(f"{len(entries)} items in {len(lanes)} {'lanes' if len(lanes) != 1 else 'lane'}")
            failed = sum(1 for item in row.items if item.failure)
            if failed:
                notes.append(f"{failed} failed")
    elif len(row.tries) == 1:
        bars += _try_bars(row.tries[0], axis)
        notes += _cold_notes(row.tries[0].invocations)
        texts += _try_texts(row.tries[0], with_payload=False)
    elif row.tries:
        title = f"{len(row.tries)} attempts"
        notes.append(title)
        bars += _retry_bars(row.tries, axis)
        for one in row.tries:
            bars += _try_bars(one, axis)
        entries = [
            _attempt(f"{anchor}-attempt-{place}", place, one, axis) for place, one in enumerate(row.tries, 1)
        ]
    if step.failure and (step.status != SUCCEEDED or len(row.tries) > 1):
        error = failure_text(step.failure)
        notes.append(("after " if step.status in (RUNNING, SUCCEEDED) else "") + step.failure.error)
        texts.insert(0, error)
    return _entry(
        anchor,
        step.name,
        words(step.status),
        step.started_at,
        row.ended_at,
        axis,
        notes,
        bars,
        texts,
        lanes,
        entries,
        title,
    )


def _attempt(anchor: str, number: int, one: Try, axis: Axis) -> Entry:
    failure = one.attempt.failure
    status = words("FAILED" if failure else SUCCEEDED if one.attempt.ended_at else RUNNING)
    notes = [*([failure.error] if failure else []), *_cold_notes(one.invocations)]
    bars = [
        axis.bar(one.attempt.started_at, one.ended_at, "service", f"attempt {number}"),
        *_try_bars(one, axis),
    ]
    texts = [failure_text(failure), *_try_texts(one, with_payload=True)]
    return _entry(
        anchor, f"attempt {number}", status, one.attempt.started_at, one.ended_at, axis, notes, bars, texts
    )


def _item(
    anchor: str, place: int, item: Invocation, axis: Axis, inputs: Mapping[str, Sequence[object]]
) -> Entry:
    name = f"{item.kind} {item.item}" if item.item is not None else f"item {place + 1}"
    notes = [*([item.failure.error] if item.failure else []), *_cold_notes([item])]
    listed = inputs.get(item.kind, ())
    given = listed[item.item] if item.item is not None and item.item < len(listed) else None
    shown = None if given is None else Text("Input", json.dumps(given))
    texts = [failure_text(item.failure), shown, log_text("Log", item)]
    status = words("FAILED" if item.failure else SUCCEEDED)
    bars = _call_bars(item, axis)
    return _entry(anchor, name, status, item.begun_at, item.ended_at, axis, notes, bars, texts)


def _entry(
    anchor: str,
    name: str,
    status: str,
    start: datetime,
    end: datetime,
    axis: Axis,
    notes: list[str],
    bars: list[Bar],
    texts: list[Text | None],
    lanes: tuple[tuple[Bar, ...], ...] = (),
    entries: list[Entry] | tuple[Entry, ...] = (),
    title: str = "",
) -> Entry:
    duration = span(end - start)
    said = f"begins {axis.offset(start)} into the run, lasts {duration}"
    shown = tuple(text for text in texts if text)
    return Entry(
        anchor, name, status, duration, tuple(notes), tuple(bars), said, shown, lanes, tuple(entries), title
    )


def _try_bars(one: Try, axis: Axis) -> list[Bar]:
    if one.invocations:
        return [
            bar for call in one.invocations for bar in _call_bars(call, axis, failure=one.attempt.failure)
        ]
    kind = "failed" if one.attempt.failure else "handler"
    return [axis.bar(one.attempt.started_at, one.ended_at, kind, span(one.ended_at - one.attempt.started_at))]


def _retry_bars(tries: tuple[Try, ...], axis: Axis) -> list[Bar]:
    return [
        axis.bar(
            before.ended_at,
            after.attempt.started_at,
            "wait",
            f"waits {span(after.attempt.started_at - before.ended_at)} before the retry",
        )
        for before, after in pairwise(tries)
    ]


def _call_bars(call: Invocation, axis: Axis, target: str = "", failure: Failure | None = None) -> list[Bar]:
    """failure: of the attempt, where the log does not tell its own."""
    failure = call.failure or failure
    kind = "failed" if failure else "handler"
    what = f"{failure.error} after" if failure else "handler"
    number = f"{call.kind} {call.item}: " if call.item is not None else ""
    bars = []
    if call.init:
        bars.append(axis.bar(call.begun_at, call.started_at, "cold", f"cold start {span(call.init)}"))
    title = f"{number}{what} {span(call.ended_at - call.started_at)}"
    return [*bars, axis.bar(call.started_at, call.ended_at, kind, title, target)]


def _busy(items: list[Invocation]) -> list[tuple[datetime, datetime]]:
    """The times in which at least one item was worked on."""
    spans: list[tuple[datetime, datetime]] = []
    for item in sorted(items, key=lambda one: one.begun_at):
        if spans and item.begun_at <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], item.ended_at)
        else:
            spans.append((item.begun_at, item.ended_at))
    return spans


def _cold_notes(calls: tuple[Invocation, ...] | list[Invocation]) -> list[str]:
    return [f"cold start {span(call.init)}" for call in calls if call.init]


def _try_texts(one: Try, with_payload: bool) -> list[Text | None]:
    texts = []
    if with_payload:
        texts += [payload("Request", one.attempt.input), payload("Response", one.attempt.output)]
    return texts + [log_text("Log", call) for call in one.invocations]
