"""The queue in front of the environments, with environments that are nothing but their memory."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psutil
import pytest

from local_cloud.memory_queue import MEMORY_BOUND, MemoryQueue, QueueClosedError, bound_of_this_machine


class Environments:
    """What LocalStack keeps: the environments of all functions, each busy or idle."""

    def __init__(self, bound: int) -> None:
        self.queue = MemoryQueue(bound)
        self.lock = threading.Lock()
        self.there: list[dict] = []
        self.largest = 0
        self.begun: list[str] = []

    @contextmanager
    def one(self, function: str, mib: int, ahead: bool = False):
        """An invocation: its environment while it has one, idle afterwards."""
        with self.queue.turn(_Seen(self, function), mib, self.stop, ahead) as reused:
            environment = reused or {"function": function, "mib": mib, "busy": True}
            if reused is None:
                with self.lock:
                    self.there.append(environment)
                    self.largest = max(self.largest, sum(each["mib"] for each in self.there))
        self.begun.append(function)
        yield reused is not None
        environment["busy"] = False
        self.queue.changed()

    def stop(self, environment: dict) -> None:
        with self.lock:
            self.there.remove(environment)
        self.queue.changed()


class _Seen:
    def __init__(self, all_of_them: Environments, function: str) -> None:
        self._all, self._function = all_of_them, function

    def reuse(self) -> dict | None:
        return self._take(lambda each: each["function"] == self._function)

    def used_mib(self) -> int:
        return sum(each["mib"] for each in self._all.there)

    def take_idle(self) -> dict | None:
        return self._take(lambda each: each["function"] != self._function)

    def _take(self, wanted) -> dict | None:
        for each in self._all.there:
            if not each["busy"] and wanted(each):
                each["busy"] = True
                return each
        return None


def started(call, *arguments) -> threading.Thread:
    thread = threading.Thread(target=call, args=arguments, daemon=True)
    thread.start()
    return thread


def wait_until(condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def test_an_idle_environment_is_used_again_and_another_functions_makes_room():
    environments = Environments(2000)
    with environments.one("a", 1000) as reused, environments.one("b", 1000):
        assert not reused
    with environments.one("a", 1000) as reused:
        assert reused
    with environments.one("c", 1000), environments.one("c", 1000):
        pass
    assert [each["function"] for each in environments.there] == ["c", "c"]
    assert environments.largest == 2000


def test_a_hundred_invocations_of_three_functions_stay_within_the_bound_and_none_is_lost():
    environments = Environments(4000)

    def run(number: int) -> int:
        for function in ("fetch", "summarize", "publish"):
            with environments.one(function, 1000):
                time.sleep(0.001)
        return number

    with ThreadPoolExecutor(100) as pool:
        assert sorted(pool.map(run, range(100))) == list(range(100))
    assert environments.largest <= 4000
    assert environments.queue.waiting == 0


def test_invocations_have_their_turn_in_the_order_in_which_they_came():
    environments = Environments(1000)
    release = threading.Event()

    def hold(function: str) -> None:
        with environments.one(function, 1000):
            release.wait(10)

    threads = [started(hold, "first")]
    wait_until(lambda: environments.begun == ["first"])
    for count, function in enumerate(("a", "b", "a", "c", "a"), start=1):
        threads.append(started(hold, function))
        wait_until(lambda count=count: environments.queue.waiting == count)
    release.set()
    for thread in threads:
        thread.join(10)
    assert environments.begun == ["first", "a", "b", "a", "c", "a"]


def test_a_function_larger_than_the_bound_runs_alone():
    environments = Environments(1000)
    with environments.one("large", 3000):
        pass
    with environments.one("small", 500):
        assert [each["function"] for each in environments.there] == ["small"]


def test_what_a_function_waits_for_does_not_wait_for_it():
    environments = Environments(2000)

    def outer(depth: int) -> None:
        with environments.one(f"depth {depth}", 1000, ahead=depth > 0):
            if depth < 2:
                outer(depth + 1)

    threads = [started(outer, 0) for _ in range(6)]
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert (
        environments.largest <= 2000 + 2 * 2000
    )  # each of the two that may begin waits for one, and that for one


def test_who_waits_when_the_cloud_ends_is_told():
    environments = Environments(1000)
    ended = []

    def wait() -> None:
        with pytest.raises(QueueClosedError), environments.one("b", 1000):
            pass
        ended.append(True)

    with environments.one("a", 1000):
        thread = started(wait)
        wait_until(lambda: environments.queue.waiting == 1)
        environments.queue.close()
        thread.join(10)
    assert ended == [True]


def test_a_start_that_fails_gives_its_memory_back():
    environments = Environments(1000)
    seen = _Seen(environments, "a")
    with pytest.raises(ZeroDivisionError), environments.queue.turn(seen, 1000, environments.stop, False):
        raise ZeroDivisionError
    with environments.one("b", 1000) as reused:
        assert not reused


def test_the_bound_is_a_part_of_the_machines_memory_or_what_is_given(monkeypatch):
    monkeypatch.delenv(MEMORY_BOUND, raising=False)
    assert 0 < bound_of_this_machine() <= psutil.virtual_memory().total // 2**20 // 2
    monkeypatch.setenv(MEMORY_BOUND, "3000")
    assert bound_of_this_machine() == 3000
