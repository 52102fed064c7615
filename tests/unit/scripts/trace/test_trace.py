"""A history and log lines become a timeline, and that a page: whole HTML, hostile text harmless, items small."""

import json
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from traced_runs import ARN, BEGIN, at, call, event, log, page_of, scheduled

from model_service_cli.runs.follow import Execution
from model_service_cli.runs.history import steps
from model_service_cli.runs.logs import Line
from model_service_cli.runs.steps import Failure
from model_service_cli.trace.page import SCRIPT
from model_service_cli.trace.page_parts import LONGEST_TEXT, span
from model_service_cli.trace.timeline import Invocation, Timeline, invocations, lanes_of, timeline


def of(events: list[dict], lines: list[Line], seconds: float = 20) -> Timeline:
    execution = Execution(
        ARN, "SUCCEEDED", "{}", "{}", None, BEGIN, round(1000 * seconds), tuple(steps(events))
    )
    return timeline(execution, lines, at(100))


RETRIED = [
    event(1, "ExecutionStarted", 0),
    event(2, "TaskStateEntered", 1, name="Summarize", input='{"x": 1}'),
    scheduled(3, 2, "summarize"),
    event(4, "TaskStarted", 2),
    event(
        5,
        "TaskFailed",
        5,
        error="TransientStorageError",
        cause='{"errorMessage": "slow down", "requestId": "r1"}',
    ),
    scheduled(6, 8, "summarize"),
    event(7, "TaskStarted", 8),
    event(8, "TaskSucceeded", 11, output='{"Payload": {"y": 2}}'),
    event(9, "TaskStateExited", 12, name="Summarize", output='{"y": 2}'),
]


def test_each_attempt_has_its_times_its_payloads_and_its_own_call():
    lines = [*call("r1", "summarize", 4, 1, init=1.5), *call("r2", "summarize", 9, 2)]
    (row,) = of(RETRIED, lines).rows
    assert (row.step.input, row.step.output) == ('{"x": 1}', '{"y": 2}')
    first, second = row.tries
    assert (first.attempt.started_at, first.ended_at) == (at(2), at(5))
    assert first.attempt.failure.message == "slow down"
    assert [found.request for found in first.invocations] == ["r1"]
    assert first.invocations[0].init == timedelta(seconds=1.5)
    assert first.invocations[0].begun_at == at(2.5)
    assert (second.attempt.started_at, second.attempt.output) == (at(8), '{"Payload": {"y": 2}}')
    assert [found.request for found in second.invocations] == ["r2"]
    assert (second.invocations[0].started_at, second.invocations[0].ended_at) == (at(9), at(11))


def test_a_call_that_died_before_it_said_its_execution_is_found_by_the_failures_request():
    dead = [
        log("summarize", 4, "START RequestId: r1 Version: 1"),
        log("summarize", 5, "REPORT RequestId: r1\tDuration: 1000 ms"),
    ]
    (row,) = of(RETRIED, dead).rows
    assert [found.request for found in row.tries[0].invocations] == ["r1"]
    assert row.tries[1].invocations == ()


def test_calls_of_other_executions_and_other_functions_stay_out():
    other = [line for line in call("r9", "summarize", 4, 1) if ARN not in line.raw]
    (row,) = of(RETRIED, [*other, *call("r8", "publish-artifact", 4, 1)]).rows
    assert [one.invocations for one in row.tries] == [(), ()]


@pytest.mark.parametrize(
    ("report", "init"),
    [
        (
            "REPORT RequestId: q\tDuration: 1500.5 ms\tBilled Duration: 1 ms\tInit Duration: 263.84 ms\t",
            0.26384,
        ),
        ("REPORT RequestId: q\tDuration: 1500.5 ms\tBilled Duration: 1 ms\t", None),
    ],
)
def test_a_text_log_tells_the_same_as_a_json_log(report, init):
    lines = [log("summarize", 1, "START RequestId: q Version: 1"), log("summarize", 9, report)]
    (found,) = invocations(lines, ["q"])
    assert (found.started_at, found.ended_at) == (at(1), at(2.5005))
    assert found.init == (None if init is None else timedelta(seconds=init))


MAPPED = [
    event(1, "ExecutionStarted", 0),
    event(2, "MapStateEntered", 1, name="ValidateShards", input='{"run": {"run_id": "r"}}'),
    event(3, "MapStateStarted", 1, length=0),
    event(4, "MapRunStarted", 1, mapRunArn="arn:run"),
    event(5, "MapRunSucceeded", 9),
    event(6, "MapStateSucceeded", 9),
    event(7, "MapStateExited", 10, name="ValidateShards"),
    event(8, "TaskStateEntered", 11, name="CollectShards"),
    scheduled(9, 11, "fetch-and-validate"),
    event(10, "TaskSucceeded", 14),
    event(11, "TaskStateExited", 14, name="CollectShards"),
]


def test_a_maps_items_are_the_calls_in_its_time_in_as_few_lanes_as_hold_them():
    items = [
        *call("a", "fetch-and-validate", 2, 3, shard=0),
        *call("b", "fetch-and-validate", 2, 1, shard={"index": 1}),
        *call("c", "fetch-and-validate", 4, 2),
        *call("collect", "fetch-and-validate", 12, 1),
    ]
    shards, collect = of(MAPPED, items).rows
    assert [[item.request for item in lane] for lane in shards.lanes] == [["a"], ["b", "c"]]
    assert {item.request: item.item for item in shards.items} == {"a": 0, "b": 1, "c": None}
    assert [found.request for found in collect.tries[0].invocations] == ["collect"]


FOLDED = [
    event(1, "ExecutionStarted", 0),
    event(2, "MapStateEntered", 1, name="FitFolds"),
    event(3, "MapStateStarted", 1, length=2),
    *(
        one
        for k in range(2)
        for one in (
            event(4 + 4 * k, "MapIterationStarted", 2, previousEventId=3, name="FitFolds", index=k),
            event(5 + 4 * k, "TaskStateEntered", 2, name="FitFold"),
            event(6 + 4 * k, "TaskStateExited", 3 + 4 * k, name="FitFold"),
            event(7 + 4 * k, "MapIterationSucceeded", 3 + 4 * k, name="FitFolds", index=k),
        )
    ),
    event(12, "MapStateSucceeded", 8),
    event(13, "MapStateExited", 8, name="FitFolds"),
    event(14, "TaskStateEntered", 9, name="Summarize"),
    scheduled(15, 9, "summarize"),
    event(16, "TaskSucceeded", 14),
    event(17, "TaskStateExited", 14, name="Summarize"),
]


def test_folds_are_lanes_of_their_map_also_those_that_begin_after_another_has_ended():
    lines = [
        *call("a", "summarize", 2, 1, fold={"index": 0, "count": 2}),
        *call("b", "summarize", 4, 3.5, fold={"index": 1, "count": 2}),
        *call("s", "summarize", 9.5, 1),
    ]
    folds, summarize = of(FOLDED, lines).rows
    assert [(item.request, item.kind, item.item) for item in folds.items] == [
        ("a", "fold", 0),
        ("b", "fold", 1),
    ]
    assert [found.request for found in summarize.tries[0].invocations] == ["s"]
    shown = page_of(FOLDED, lines)
    assert "fold 0" in shown
    assert "shard" not in Page(shown).text("main")


def test_an_item_that_failed_says_its_error():
    lines = call("a", "fetch-and-validate", 2, 3)
    lines.insert(
        2,
        log(
            "fetch-and-validate",
            4,
            {"errorType": "InvalidDatasetError", "errorMessage": "line 3", "requestId": "a"},
        ),
    )
    shards, _ = of(MAPPED, lines).rows
    assert (shards.items[0].failure.error, shards.items[0].failure.message) == (
        "InvalidDatasetError",
        "line 3",
    )


def test_lanes_hold_no_two_items_at_the_same_time():
    def item(start: float, end: float, init: float = 0) -> Invocation:
        return Invocation(f"{start}", "s", at(start), at(end), timedelta(seconds=init) if init else None, ())

    # The third one's cold start begins while the first one still runs.
    lanes = lanes_of([item(0, 5), item(1, 3), item(5.5, 6, init=1), item(6, 7)])
    assert [[one.request for one in lane] for lane in lanes] == [["0", "6"], ["1", "5.5"]]


def test_what_still_runs_lasts_until_now():
    events = RETRIED[:4]
    execution = Execution(ARN, "RUNNING", "{}", None, None, BEGIN, None, tuple(steps(events)))
    found = timeline(execution, [], at(30))
    assert (found.ended_at, found.rows[0].ended_at, found.rows[0].tries[0].ended_at) == (
        at(30),
        at(30),
        at(30),
    )


def test_an_execution_without_a_state_is_a_timeline_without_rows():
    assert of([event(1, "ExecutionStarted", 0)], []).rows == ()


VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = '</script></pre><img src=x onerror="alert(1)"><!-- {{ 7*7 }} \' & \u2028 <script>alert(2)</script>'


class Page(HTMLParser):
    """Reads a page and refuses one whose tags do not close in order."""

    def __init__(self, text: str):
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.tags if name == tag]

    def text(self, tag: str) -> str:
        return "".join(text for name, text in self.texts if name == tag)


@pytest.fixture(scope="module")
def retried() -> str:
    return page_of(RETRIED, [*call("r1", "summarize", 4, 1, init=1.5), *call("r2", "summarize", 9, 2)])


def test_a_retry_is_a_row_with_two_attempts_a_wait_and_a_cold_start(retried):
    parsed = Page(retried)
    assert [one["id"] for one in parsed.all("details")] == [
        "state-1",
        "state-1-attempt-1",
        "state-1-attempt-2",
    ]
    kinds = [
        one["class"]
        for one in parsed.all("span")
        if one.get("class", "").startswith("bar ") and "style" in one
    ]
    assert {"bar cold", "bar wait", "bar failed", "bar handler", "bar service"} <= set(kinds)
    titles = {one["title"] for one in parsed.all("span") if "title" in one}
    assert "waits 3.00 s before the retry" in titles
    assert "cold start 1.50 s" in titles
    assert "TransientStorageError: slow down" in parsed.text("pre")


def test_bars_lie_where_their_times_are(retried):
    wait = next(one for one in Page(retried).all("span") if one.get("class") == "bar wait" and "style" in one)
    assert wait["style"] == "left:25.0%;width:15.0%"  # 5 s to 8 s of 20 s


def test_the_call_of_a_failed_attempt_is_marked_with_its_error(retried):
    failed = [one for one in Page(retried).all("span") if one.get("class") == "bar failed" and "style" in one]
    # On the state's own line and on the attempt's.
    assert [one["title"] for one in failed] == ["TransientStorageError after 1.00 s"] * 2


def test_the_page_needs_nothing_else_and_runs_only_its_own_script(retried):
    parsed = Page(retried)
    assert not parsed.all("link")
    assert not [one for _, one in parsed.tags if "src" in one]
    assert not [one for _, one in parsed.tags if any(name.startswith("on") for name in one)]
    assert "url(" not in retried
    policy = next(one["content"] for one in parsed.all("meta") if one.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-")
    assert parsed.text("script") == SCRIPT.read_text()


def test_the_page_can_be_read_without_seeing_it(retried):
    parsed = Page(retried)
    assert parsed.all("html") == [{"lang": "en"}]
    tracks = [one for one in parsed.all("span") if one.get("class") == "track"]
    assert len(tracks) == 3
    assert tracks[0]["aria-label"] == "begins 1.00 s into the run, lasts 11.0 s"
    assert {one["role"] for one in tracks} == {"img"}
    assert all(one.get("type") == "button" for one in parsed.all("button"))
    for feature in (
        "prefers-color-scheme: dark",
        "prefers-reduced-motion",
        ":focus-visible",
        "width=device-width",
    ):
        assert feature in retried


def test_hostile_text_is_shown_and_does_nothing():
    given = json.dumps({HOSTILE: HOSTILE})
    events = [
        event(1, "ExecutionStarted", 0),
        event(2, "TaskStateEntered", 1, name=HOSTILE, input=given),
        scheduled(3, 2, "summarize"),
        event(4, "TaskFailed", 5, error=HOSTILE, cause=HOSTILE),
    ]
    lines = [
        *call("q", "summarize", 3, 1),
        log("summarize", 3, {"message": HOSTILE, "request_id": "q", HOSTILE: 1}),
    ]
    hostile = page_of(
        events,
        lines,
        "FAILED",
        given,
        failure=Failure(HOSTILE, HOSTILE),
        output=json.dumps({"run": {"run_id": HOSTILE}}),
    )
    parsed = Page(hostile)
    assert not parsed.all("img")
    assert len(parsed.all("script")) == 1
    assert parsed.text("script") == SCRIPT.read_text()
    assert "{{ 7*7 }}" in hostile
    assert HOSTILE in parsed.text("dd")
    assert json.dumps(HOSTILE, ensure_ascii=False) in parsed.text("pre")


def test_a_map_of_300_items_is_a_small_page_whose_bars_lead_to_the_items():
    lines = [
        line
        for number in range(300)
        for line in call(f"q{number}", "fetch-and-validate", 1.5 + number // 10 * 0.25, 0.2, shard=number)
    ]
    inputs = [{"index": number, "start": number << 20, "end": number + 1 << 20} for number in range(300)]
    mapped = page_of(MAPPED, lines, inputs={"shard": inputs})
    parsed = Page(mapped)
    ids = [one["id"] for one in parsed.all("details") if "id" in one]
    assert len(ids) == len(set(ids)) == 302
    links = [one["href"] for one in parsed.all("a")]
    assert len(links) == 300
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert "300 items in 10 lanes" in mapped
    assert '{"index": 299, "start": 313524224, "end": 314572800}' in parsed.text("pre")
    assert len(mapped) < 1_000_000


def test_a_long_payload_is_cut_and_says_so():
    given = json.dumps({"text": "x" * (2 * LONGEST_TEXT)})
    cut = page_of([event(1, "ExecutionStarted", 0)], [], given=given)
    assert len(cut) < 2 * LONGEST_TEXT
    assert "more characters are left out" in cut


def test_a_cached_step_is_marked():
    events = [
        *RETRIED[:8],
        event(9, "TaskStateExited", 12, name="Summarize", output='{"run": {"cached": ["Summarize"]}}'),
    ]
    assert '<span class="chip">cached</span>' in page_of(events, [])


def test_an_execution_that_ended_at_once_has_a_page():
    assert "No state was entered." in page_of([event(1, "ExecutionStarted", 0)], [], "ABORTED")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.0031, "3 ms"),
        (0.42, "0.42 s"),
        (12.34, "12.3 s"),
        (125, "2 min 05 s"),
        (3840, "1 h 04 min"),
    ],
)
def test_durations_are_for_people(seconds, words):
    assert span(timedelta(seconds=seconds)) == words
