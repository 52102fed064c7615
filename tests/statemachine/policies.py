"""What a state machine of ours must keep to. Each policy returns what it finds wrong, one line each."""

from collections.abc import Iterator
from typing import Any

from raised_errors import ERRORS, PERMANENT

Json = dict[str, Any]

# What goes away when others have finished: the account's Lambdas are all at work. Waited for in minutes.
THROTTLED = {"Lambda.TooManyRequestsException"}
# What may go away by itself: Lambda's own errors that AWS tells to retry, and ours. Waited for in seconds.
FAULTS = {
    "TransientStorageError",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
}
# An environment that died: by chance, or of the work itself, and then it dies again. Tried once more.
CRASHES = {"Sandbox.Timedout", "Lambda.Unknown", "Runtime.ExitError"}
TRANSIENT = THROTTLED | FAULTS | CRASHES
ENDS = ("Fail", "Succeed")


def machines(machine: Json) -> Iterator[Json]:
    """The machine itself and every item processor in it: what has a StartAt and States of its own."""
    yield machine
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def all_states(machine: Json) -> list[tuple[str, Json]]:
    return [item for part in machines(machine) for item in part["States"].items()]


def tasks(machine: Json) -> list[tuple[str, Json]]:
    return [(name, state) for name, state in all_states(machine) if state["Type"] == "Task"]


def caught(state: Json) -> set[str]:
    return {error for rule in state.get("Catch", []) for error in rule["ErrorEquals"]}


def retried(state: Json) -> set[str]:
    return {error for rule in state.get("Retry", []) for error in rule["ErrorEquals"]}


def followers(state: Json) -> set[str]:
    """The names of all states that a state may go on to."""
    found = {state[key] for key in ("Next", "Default") if key in state}
    return found | {rule["Next"] for key in ("Choices", "Catch") for rule in state.get(key, [])}


def every_task_has_a_timeout(machine: Json) -> list[str]:
    limited = [(name, state) for name, state in tasks(machine) if state.get("TimeoutSeconds", 0) > 0]
    found = [f"{name} has no TimeoutSeconds" for name, _ in tasks(machine) if name not in dict(limited)]
    return found + ([] if machine.get("TimeoutSeconds", 0) > 0 else ["the machine has no TimeoutSeconds"])


def every_task_retries_what_is_transient(machine: Json) -> list[str]:
    return [
        f"{name} does not retry {error}"
        for name, state in tasks(machine)
        for error in sorted(TRANSIENT - retried(state))
    ]


def retries_are_spread_and_bounded(machine: Json) -> list[str]:
    """Full jitter, so that a thousand shards do not come back at once; a cap; one attempt or more."""
    found = []
    for name, state in all_states(machine):
        for rule in state.get("Retry", []):
            if rule.get("JitterStrategy") != "FULL":
                found.append(f"{name} retries without full jitter")
            if not 0 < rule.get("MaxDelaySeconds", 0) <= 60:
                found.append(f"{name} retries without a cap on the delay")
            if not 0 < rule.get("MaxAttempts", 0) <= 20:
                found.append(f"{name} retries never or without end")
            if rule.get("BackoffRate", 1) <= 1:
                found.append(f"{name} retries without backoff")
    return found


def throttling_is_waited_for_in_minutes(machine: Json) -> list[str]:
    """By a retrier of its own: with an account's Lambdas all at work, what a shard waits for are the other shards.

    A hundred shards at a concurrency of ten, each of seconds, are done within the mean wait of this retrier,
    420 s (half of each interval, for full jitter); the attempts that faults have would all be used up in 16 s.
    """
    found = []
    for name, state in tasks(machine):
        rules = [rule for rule in state.get("Retry", []) if THROTTLED & set(rule["ErrorEquals"])]
        if [set(rule["ErrorEquals"]) for rule in rules] != [THROTTLED]:
            found.append(f"{name} has no retrier of its own for throttling")
        elif mean_wait(rules[0]) < 420:
            found.append(f"{name} gives up on a throttled Lambda within minutes")
    return found


def mean_wait(rule: Json) -> float:
    """Seconds that a retrier with full jitter waits on average before it gives up."""
    waits = (
        rule["IntervalSeconds"] * rule["BackoffRate"] ** attempt for attempt in range(rule["MaxAttempts"])
    )
    return sum(min(wait, rule["MaxDelaySeconds"]) for wait in waits) / 2


def what_crashed_is_tried_once_more(machine: Json) -> list[str]:
    return [
        f"{name} tries a crashed Lambda {rule['MaxAttempts']} times more"
        for name, state in tasks(machine)
        for rule in state.get("Retry", [])
        if CRASHES & set(rule["ErrorEquals"]) and rule["MaxAttempts"] != 1
    ]


def only_what_is_transient_is_retried(machine: Json) -> list[str]:
    return [
        f"{name} retries {error}"
        for name, state in all_states(machine)
        for error in sorted(retried(state) - TRANSIENT)
    ]


def errors_of_ours_exist(machine: Json) -> list[str]:
    """A name without a dot is a class in shared.errors; one with a dot is a service's."""
    return [
        f"{name} names {error}, which no class has"
        for name, state in all_states(machine)
        for error in sorted(caught(state) | retried(state))
        if "." not in error and error not in ERRORS
    ]


def only_permanent_errors_are_caught(machine: Json) -> list[str]:
    """An operational error is left uncaught, so that a redrive resumes at the step that failed."""
    return [
        f"{name} catches {error}"
        for name, state in all_states(machine)
        for error in sorted(caught(state) - PERMANENT)
    ]


def a_caught_error_ends_the_execution_under_its_name(machine: Json) -> list[str]:
    """A new error class needs no state of its own: the one Fail state reads the name from its input."""
    return [
        f"{error} caught by {name} does not end the execution under its name"
        for name, state in machine["States"].items()
        for rule in state.get("Catch", [])
        for error in rule["ErrorEquals"]
        if not _keeps_the_name(machine["States"], rule["Next"])
    ]


def _keeps_the_name(states: Json, name: str) -> bool:
    """Whether every state on the way from a Catch hands $.Error on, and the last one fails with it."""
    seen = set()
    while name in states and states[name]["Type"] == "Pass" and name not in seen:
        seen.add(name)
        if states[name].get("Parameters", {}).get("Error.$") != "$.Error":
            return False
        name = states[name].get("Next", "")
    return states.get(name, {}).get("Type") == "Fail" and states[name].get("ErrorPath") == "$.Error"


def every_fail_state_has_its_error_and_cause_from_what_happened(machine: Json) -> list[str]:
    return [
        f"{name} has no ErrorPath or no CausePath"
        for name, state in all_states(machine)
        if state["Type"] == "Fail" and not (state.get("ErrorPath") and state.get("CausePath"))
    ]


def an_error_that_a_state_makes_up_exists(machine: Json) -> list[str]:
    """A Pass state that leads to a Fail state without an error before it names one of ours."""
    return [
        f"{name} makes up {state['Parameters']['Error']}, which no class has"
        for name, state in all_states(machine)
        if state["Type"] == "Pass" and state.get("Parameters", {}).get("Error", "") not in {"", *PERMANENT}
    ]


def every_state_is_reached(machine: Json) -> list[str]:
    return [
        f"{name} is never reached"
        for part in machines(machine)
        for name in sorted(part["States"].keys() - _reached(part))
    ]


def _reached(machine: Json) -> set[str]:
    reached, waiting = set(), {machine["StartAt"]}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting |= followers(machine["States"].get(name, {})) - reached
    return reached


def every_target_exists(machine: Json) -> list[str]:
    return [
        f"{name} does not exist"
        for part in machines(machine)
        for name in sorted(_reached(part) - part["States"].keys())
    ]


def every_state_leads_to_an_end(machine: Json) -> list[str]:
    found = []
    for part in machines(machine):
        states = part["States"]
        ending = {name for name, state in states.items() if state.get("End") or state["Type"] in ENDS}
        while more := {
            name for name, state in states.items() if followers(state) & ending and name not in ending
        }:
            ending |= more
        found += [f"{name} leads to no end" for name in sorted(states.keys() - ending)]
    return found


POLICIES = (
    every_task_has_a_timeout,
    every_task_retries_what_is_transient,
    retries_are_spread_and_bounded,
    throttling_is_waited_for_in_minutes,
    what_crashed_is_tried_once_more,
    only_what_is_transient_is_retried,
    errors_of_ours_exist,
    only_permanent_errors_are_caught,
    a_caught_error_ends_the_execution_under_its_name,
    every_fail_state_has_its_error_and_cause_from_what_happened,
    an_error_that_a_state_makes_up_exists,
    every_state_is_reached,
    every_target_exists,
    every_state_leads_to_an_end,
)
