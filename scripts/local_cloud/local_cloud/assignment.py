"""LocalStack's choice of an environment for an invocation, with the queue of `memory_queue` in front of it.

LocalStack starts an environment for every invocation that finds none idle, however many there are.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from localstack.runtime import hooks
from localstack.services.lambda_.invocation import assignment
from localstack.services.lambda_.invocation.execution_environment import (
    ExecutionEnvironment,
    InvalidStatusException,
    RuntimeStatus,
)
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InitializationType

from local_cloud.gateway_guard import called_by_a_function
from local_cloud.memory_queue import MemoryQueue, QueueClosedError, bound_of_this_machine

_queue = MemoryQueue(bound_of_this_machine())


@hooks.on_infra_start()
def queue_by_memory() -> None:
    """Before the Lambda provider is imported, on its first use, and takes the class by name."""
    assignment.AssignmentService = QueueingAssignmentService


@hooks.on_infra_shutdown(priority=100)
def close_the_queue() -> None:
    """Before the Lambda provider stops its environments: what waits would take their place."""
    _queue.close()


class QueueingAssignmentService(assignment.AssignmentService):
    """Environments of provisioned concurrency are LocalStack's business, but their memory counts."""

    @contextmanager
    def get_environment(
        self,
        version_manager_id: str,
        function_version: FunctionVersion,
        provisioning_type: InitializationType,
    ) -> Iterator[ExecutionEnvironment]:
        if provisioning_type != InitializationType.on_demand:
            with super().get_environment(version_manager_id, function_version, provisioning_type) as provided:
                yield provided
            return
        held = _Held(self, version_manager_id)
        mib = function_version.config.memory_size
        with _queue.turn(held, mib, self.stop_environment, called_by_a_function()) as reused:
            environment = reused or self.start_environment(version_manager_id, function_version)
            if reused is None:
                environment.reserve()
                self.environments[version_manager_id][environment.id] = environment
                if (
                    _queue.closed
                ):  # it began before the cloud's end, and too late to be stopped with the others
                    self.stop_environment(environment)
                    raise QueueClosedError
        try:
            yield environment
            environment.release()
        except InvalidStatusException as error:  # it was stopped meanwhile: its code was replaced
            assignment.LOG.error("InvalidStatusException: %s", error)
        except Exception as error:
            assignment.LOG.error("Failed invocation <%s>: %s", type(error), error)
            self.stop_environment(environment)
            raise
        finally:
            _queue.changed()

    def on_timeout(self, version_manager_id: str, environment_id: str) -> None:
        super().on_timeout(version_manager_id, environment_id)
        _queue.changed()

    def stop_environment(self, environment: ExecutionEnvironment) -> None:
        super().stop_environment(environment)
        _queue.changed()


class _Held:
    """The environments of all functions, as one invocation of a version sees them."""

    def __init__(self, service: QueueingAssignmentService, version_manager_id: str) -> None:
        self._service = service
        self._version = version_manager_id

    def reuse(self) -> ExecutionEnvironment | None:
        return _first_reserved(self._of(self._version))

    def used_mib(self) -> int:
        versions = list(self._service.environments)
        return sum(e.function_version.config.memory_size for v in versions for e in self._of(v))

    def take_idle(self) -> ExecutionEnvironment | None:
        versions = [version for version in list(self._service.environments) if version != self._version]
        others = [environment for version in versions for environment in self._of(version)]
        return _first_reserved(sorted(others, key=lambda environment: environment.last_returned))

    def _of(self, version: str) -> list[ExecutionEnvironment]:
        return list(self._service.environments[version].values())


def _first_reserved(environments: list[ExecutionEnvironment]) -> ExecutionEnvironment | None:
    for environment in environments:
        if (
            environment.status != RuntimeStatus.READY
            or environment.initialization_type != InitializationType.on_demand
        ):
            continue
        try:
            environment.reserve()
            return environment
        except InvalidStatusException:  # another was faster
            continue
    return None
