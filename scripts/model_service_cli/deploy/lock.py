"""One deploy, plan or destroy at a time in a checkout: they share Terraform's folder, its provider and its state."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from model_service_cli.deploy.target import Deployment


@contextmanager
def locked(deployment: Deployment, command: str) -> Iterator[None]:
    """Waits, with a line that says for whom, until no other command holds the lock; it goes with its process."""
    path = deployment.root / "tmp/terraform/deploy.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            print(f"{command}: waiting for another one to end{holder and f' ({holder})'}", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate(0)
        lock.write(f"{command}, process {os.getpid()}")
        lock.flush()
        yield
