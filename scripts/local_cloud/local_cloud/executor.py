"""The plugin: LocalStack's Lambda provider on one side, `environment` on the other.

Only this module, `assignment`, `gateway_guard`, `loopback_server` and `json_path_cache` import LocalStack, which finds
it by the entry-point group of RuntimeExecutorPlugin and chooses it when LAMBDA_RUNTIME_EXECUTOR is "process".
"""

import logging
import os
import time
from pathlib import Path
from typing import Any

from localstack import config
from localstack.aws.api.lambda_ import PackageType
from localstack.runtime import events
from localstack.services.lambda_.invocation.executor_endpoint import StatusErrorException
from localstack.services.lambda_.invocation.lambda_models import (
    FunctionVersion,
    InitializationType,
    InvocationResult,
)
from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin
from localstack.services.lambda_.invocation.runtime_executor import LambdaRuntimeException, RuntimeExecutor

from local_cloud.environment import Environment, EnvironmentStoppedError
from local_cloud.function import FunctionSettings
from local_cloud.guard import ProcessGuard
from local_cloud.keys import KEY_ID
from local_cloud.variables import function_variables

LAMBDA_PYTHON = "LOCAL_CLOUD_LAMBDA_PYTHON"  # environment variable: the interpreter that has awslambdaric

_DRAIN_POLL_SECONDS = 0.05

LOG = logging.getLogger(__name__)

_guard = ProcessGuard()


class ProcessExecutorPlugin(RuntimeExecutorPlugin):
    name = "process"

    def load(self, *args: Any, **kwargs: Any) -> type[RuntimeExecutor]:
        return ProcessExecutor


class ProcessExecutor(RuntimeExecutor):
    """Runs one execution environment as a process on this machine."""

    def __init__(self, id: str, function_version: FunctionVersion) -> None:
        super().__init__(id, function_version)
        self._environment: Environment | None = None

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Unzip the code. Raises LambdaRuntimeException for what cannot run here: the function is Failed."""
        function = function_version.config
        if function.package_type != PackageType.Zip or function.code is None:
            raise LambdaRuntimeException("local-cloud runs zip packages only, not container images")
        if not (function.runtime or "").startswith("python"):
            raise LambdaRuntimeException(f"local-cloud runs Python functions only, not {function.runtime}")
        if function.layers:
            raise LambdaRuntimeException("local-cloud does not run functions with layers")
        _interpreter()
        function.code.prepare_for_execution()

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        pass  # LocalStack removes the unzipped code itself

    @classmethod
    def validate_environment(cls) -> bool:
        return os.access(os.environ.get(LAMBDA_PYTHON, ""), os.X_OK)

    def start(self, env_vars: dict[str, str]) -> None:
        function = self.function_version.config
        logging_config = function.logging_config or {}
        settings = FunctionSettings(
            handler=function.handler,
            version=self.function_version.id.qualifier,
            code_root=Path(function.code.get_unzipped_code_location()),
            timeout_seconds=function.timeout,
            memory_mib=function.memory_size,
            log_format=logging_config.get("LogFormat") or "Text",
            system_log_level=logging_config.get("SystemLogLevel") or "INFO",
        )
        # One key opens this cloud: the temporary ones of a role that LocalStack gives are as unknown as any other.
        keys = {"AWS_ACCESS_KEY_ID": os.environ[KEY_ID]} if KEY_ID in os.environ else {}
        variables = function_variables(
            env_vars | keys, function.environment or {}, str(settings.code_root), function.runtime
        )
        self._environment = Environment(settings, variables, _interpreter(), _guard)
        failure = self._environment.start()
        if failure is None:
            return
        LOG.warning("Init of %s failed: %s", self.function_version.qualified_arn, failure.error_type)
        if env_vars.get("AWS_LAMBDA_INITIALIZATION_TYPE") == InitializationType.provisioned_concurrency:
            raise StatusErrorException("Environment startup failed", payload=failure.payload)
        # On demand, the invocation tries once more and carries the log, as on Lambda.

    def stop(self) -> None:
        if self._environment is None:
            return
        # After an update of the code, what runs on the old code may finish; on shutdown it may not.
        deadline = time.monotonic() + self.function_version.config.timeout
        while self._environment.is_busy and time.monotonic() < deadline:
            if events.infra_stopping.wait(_DRAIN_POLL_SECONDS):
                break
        self._environment.stop()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        if self._environment is None:
            raise LambdaRuntimeException("the execution environment was not started")
        try:
            outcome = self._environment.invoke(
                request_id=payload["invoke-id"],
                payload=payload["payload"].encode(),
                function_arn=payload["invoked-function-arn"],
                trace_id=payload["trace-id"],
            )
        except EnvironmentStoppedError as error:
            raise LambdaRuntimeException("the execution environment was stopped") from error
        return InvocationResult(payload["invoke-id"], outcome.payload, outcome.is_error, outcome.logs)

    def get_address(self) -> str:
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """The gateway for the function: an address, so that no DNS is needed and S3 takes path style."""
        host = config.GATEWAY_LISTEN[0].host
        return "127.0.0.1" if host in ("0.0.0.0", "localhost") else host

    def get_runtime_endpoint(self) -> str:
        return f"http://{self.get_endpoint_from_executor()}:{config.GATEWAY_LISTEN[0].port}"

    def get_logs(self) -> str:
        return ""  # every invocation's result carries its log


def _interpreter() -> Path:
    path = os.environ.get(LAMBDA_PYTHON, "")
    if not os.access(path, os.X_OK):
        raise LambdaRuntimeException(f"{LAMBDA_PYTHON} must name a Python with awslambdaric, not {path!r}")
    return Path(path)
