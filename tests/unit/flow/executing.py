"""Executes the state machine's definition in this process: each task is its function's handler, on a storage in memory.

As much of the Amazon States Language as the definition uses. What travels is JSON text in between, and bounded as Step
Functions bounds it. Retries are not made: what is transient fails the execution, as in a redrive's first half.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fetch_and_validate import handler as fetch_and_validate
from publish_artifact import handler as publish_artifact
from shared.errors import PermanentError
from shared.storage import Storage
from summarize import handler as summarize

DEFINITION = json.loads(
    (Path(__file__).parents[3] / "statemachine" / "training_pipeline.asl.json").read_text()
)
ARN = "arn:aws:states:us-east-1:000000000000:execution:model-service-training-pipeline:flow"
MOST_BYTES = 256 * 1024
HANDLERS = {
    "${fetch_and_validate_arn}": fetch_and_validate,
    "${summarize_arn}": summarize,
    "${publish_artifact_arn}": publish_artifact,
}
Json = Any


class Failed(Exception):
    """The execution ended in the Fail state; error: its name."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause


@dataclass
class Flow:
    """One execution. tasks: what was invoked, in order; outputs: of the states that put something out, by name.

    before: called with the name of a task and its payload before it is invoked.
    """

    storage: Storage
    environment: dict[str, str] = field(default_factory=dict)
    before: Callable[[str, Json], None] = lambda task, payload: None
    tasks: list[str] = field(default_factory=list)
    outputs: dict[str, Json] = field(default_factory=dict)

    def execute(self, request: Json) -> Json:
        """The execution's output; raises Failed, or the error that nothing caught."""
        with self._deployed():
            return self._machine(
                DEFINITION, request, {"Execution": {"Input": request, "Id": ARN, "Name": "flow"}}
            )

    @contextmanager
    def _deployed(self) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            for module in HANDLERS.values():
                patch.setattr(module, "storage", self.storage)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield

    def _machine(self, machine: Json, data: Json, context: Json) -> Json:
        name = machine["StartAt"]
        while True:
            state = machine["States"][name]
            self.outputs[f"{name} given"] = data
            try:
                data = _sent(getattr(self, f"_{state['Type'].lower()}")(name, state, data, context))
            except PermanentError as error:
                rules = [
                    rule for rule in state.get("Catch", ()) if type(error).__name__ in rule["ErrorEquals"]
                ]
                if not rules:
                    raise
                cause = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
                name, data = rules[0]["Next"], {"Error": type(error).__name__, "Cause": cause}
                continue
            self.outputs[name] = data
            if state.get("End"):
                return data
            name = data.pop("__next__") if state["Type"] == "Choice" else state["Next"]

    def _task(self, name: str, state: Json, data: Json, context: Json) -> Json:
        parameters = _filled(state["Parameters"], data, context)
        payload = _sent(parameters["Payload"])
        self.before(name, payload)
        self.tasks.append(name)
        output = _sent(HANDLERS[parameters["FunctionName"]].handler(payload, None))
        return {} if state["OutputPath"] is None else _at(state["OutputPath"], {"Payload": output}, context)

    def _map(self, name: str, state: Json, data: Json, context: Json) -> Json:
        if "ItemReader" in state:
            place = _filled(state["ItemReader"]["Parameters"], data, context)
            items = json.loads(self.storage.objects[place["Bucket"], place["Key"]])
        else:
            items = _at(state["ItemsPath"], data, context)
        found = []
        for index, item in enumerate(items):
            mapped = context | {"Map": {"Item": {"Index": index, "Value": item}}}
            given = _sent(_filled(state["ItemSelector"], data, mapped))
            found.append(self._machine(state["ItemProcessor"], given, mapped))
        return data if state["ResultPath"] is None else data | {state["ResultPath"].removeprefix("$."): found}

    def _choice(self, name: str, state: Json, data: Json, context: Json) -> Json:
        for rule in state["Choices"]:
            if _holds(rule, data, context):
                return data | {"__next__": rule["Next"]}
        return data | {"__next__": state["Default"]}

    def _pass(self, name: str, state: Json, data: Json, context: Json) -> Json:
        return _filled(state["Parameters"], data, context)

    def _fail(self, name: str, state: Json, data: Json, context: Json) -> Json:
        raise Failed(_at(state["ErrorPath"], data, context), _at(state["CausePath"], data, context))


def _sent(value: Json) -> Json:
    """As it arrives: JSON text, no longer than a state may put out."""
    text = json.dumps(value)
    assert len(text) <= MOST_BYTES, f"{len(text)} bytes travel"
    return json.loads(text)


def _filled(template: Json, data: Json, context: Json) -> Json:
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): _at(value, data, context)
        if name.endswith(".$")
        else _filled(value, data, context)
        for name, value in template.items()
    }


def _at(path: str, data: Json, context: Json) -> Json:
    """What a path leads to, or an intrinsic function makes; KeyError where it leads nowhere, as there."""
    if called := re.fullmatch(r"States\.StringToJson\((.*)\)", path):
        return json.loads(_at(called[1], data, context))
    found, path = (context, path[1:]) if path.startswith("$$") else (data, path)
    for name in path.split(".")[1:]:
        found = found[name]
    return found


def _holds(rule: Json, data: Json, context: Json) -> bool:
    (comparison,) = rule.keys() - {"Variable", "Next"}
    if comparison == "IsPresent":
        return (rule["Variable"].removeprefix("$.") in data) == rule[comparison]
    found = _at(rule["Variable"], data, context)
    return (found is None) == rule[comparison] if comparison == "IsNull" else found is rule[comparison]
