"""How many environments may be there at once: a bound on the sum of their functions' memory, and a queue before it.

An invocation that finds no environment waits its turn: first come, first served, so that none is lost and none starves.
An idle environment of another function makes room. One that a function waits for does not wait: whoever holds the
memory could otherwise be waiting for it. Which environments there are, and how they end, is the owner's business.
"""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import psutil

MEMORY_BOUND = "LOCAL_CLOUD_MEMORY_MB"  # environment variable: the bound in MiB
_SHARE = 0.5  # of the machine's memory: the rest is for LocalStack and for whoever works there
_CONTROL_GROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


class Held[Environment](Protocol):
    """What the queue asks its owner, under the queue's lock; none of it may wait."""

    def reuse(self) -> Environment | None:
        """Takes an idle environment of the invocation's own function, if there is one."""

    def used_mib(self) -> int:
        """Memory of all environments that are there, idle ones and those that are being stopped included."""

    def take_idle(self) -> Environment | None:
        """Takes the longest idle environment of another function, to be stopped; it counts until it is gone."""


class QueueClosedError(Exception):
    """The cloud ends: nothing more is started."""


class MemoryQueue:
    """The queue. bound_mib: an invocation whose function needs more than that still runs, alone."""

    def __init__(self, bound_mib: int) -> None:
        self.bound_mib = bound_mib
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()
        self._starting_mib = 0
        self._closed = False

    def close(self) -> None:
        """Whoever waits, or comes from now on, gets a QueueClosedError."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        return self._closed

    def changed(self) -> None:
        """To be called when an environment has become idle or is gone."""
        with self._changed:
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """Invocations in the queue."""
        return len(self._waiting)

    @contextmanager
    def turn[Environment](
        self, held: Held[Environment], mib: int, stop: Callable[[Environment], None], ahead: bool
    ) -> Iterator[Environment | None]:
        """Waits for the invocation's turn: an environment to use, or None for leave to start one inside the block.

        mib: memory of the function; stop: ends an environment of `take_idle` and returns when it is gone; ahead: do
        not wait, whatever is there (a function waits for this invocation).
        """
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
        try:
            environment = self._await_turn(ticket, held, mib, stop, ahead)
        finally:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()
        try:
            yield environment
        finally:
            if environment is None:
                with self._changed:
                    self._starting_mib -= mib
                    self._changed.notify_all()

    def _await_turn[Environment](
        self,
        ticket: object,
        held: Held[Environment],
        mib: int,
        stop: Callable[[Environment], None],
        ahead: bool,
    ) -> Environment | None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or ahead or self._waiting[0] is ticket)
                if self._closed:
                    raise QueueClosedError
                if (environment := held.reuse()) is not None:
                    return environment
                used = held.used_mib() + self._starting_mib
                idle = None
                if used and used + mib > self.bound_mib:
                    idle = held.take_idle()
                    if idle is None and not ahead:
                        self._changed.wait()
                        continue
                if idle is None:
                    self._starting_mib += mib
                    return None
            stop(idle)


def bound_of_this_machine() -> int:
    """The bound in MiB: LOCAL_CLOUD_MEMORY_MB, else half of what the machine or its control group has."""
    given = os.environ.get(MEMORY_BOUND, "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    limits = [psutil.virtual_memory().total]
    for path in map(Path, _CONTROL_GROUP_LIMITS):
        text = path.read_text().strip() if path.exists() else ""
        if text.isdecimal():  # "max" where there is none
            limits.append(int(text))
    return int(min(limits) * _SHARE) >> 20
