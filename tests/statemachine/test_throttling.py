"""A hundred shards in an account that runs ten Lambdas at once, played through with the retriers of the definition."""

import json
import random
from heapq import heapify, heappop, heappush

import pytest
from policies import THROTTLED, Json, all_states

from model_service_cli.files import ROOT

MACHINE = json.loads((ROOT / "statemachine/training_pipeline.asl.json").read_text())
SHARDS, AT_ONCE = 100, 10  # map_max_concurrency; what a new account may have


def shards_that_fail(rule: Json, seconds: float, seed: int) -> int:
    """How many of the shards a retrier gives up; each takes so many seconds, once it is let in."""
    chance = random.Random(seed)
    attempts = dict.fromkeys(range(SHARDS), 0)
    tries = [(chance.random(), shard) for shard in attempts]
    heapify(tries)
    busy_until: list[float] = []
    failed = 0
    while tries:
        now, shard = heappop(tries)
        while busy_until and busy_until[0] <= now:
            heappop(busy_until)
        if len(busy_until) < AT_ONCE:
            heappush(busy_until, now + seconds)
        elif attempts[shard] == rule["MaxAttempts"]:
            failed += 1
        else:
            wait = rule["IntervalSeconds"] * rule["BackoffRate"] ** attempts[shard]
            attempts[shard] += 1
            heappush(tries, (now + chance.uniform(0, min(wait, rule["MaxDelaySeconds"])), shard))
    return failed


def retrier(error: str) -> Json:
    (state,) = (state for name, state in all_states(MACHINE) if name == "ValidateShard")
    return next(rule for rule in state["Retry"] if error in rule["ErrorEquals"])


@pytest.mark.parametrize("seconds", [1, 10, 30])
def test_none_fails_by_the_retrier_for_throttling(seconds):
    (throttled,) = THROTTLED
    assert [shards_that_fail(retrier(throttled), seconds, seed) for seed in range(30)] == [0] * 30


def test_by_that_for_faults_most_would():
    assert (
        min(shards_that_fail(retrier("TransientStorageError"), 10, seed) for seed in range(30)) > SHARDS / 2
    )
