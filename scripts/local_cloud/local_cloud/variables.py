"""The environment variables of a function's process: Lambda's and the function's own, none of the host's."""

from collections.abc import Mapping

# What LocalStack adds for its own container runtime; Lambda has none of it.
_NOT_LAMBDA = ("LOCALSTACK_", "EDGE_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT")

_BASE = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC"}


def function_variables(
    platform: Mapping[str, object], own: dict[str, str], task_root: str, runtime: str
) -> dict[str, str]:
    """platform: from LocalStack; own: the function's configuration, which wins where both have a name."""
    lambdas = {name: str(value) for name, value in platform.items() if not name.startswith(_NOT_LAMBDA)}
    variables = {
        **_BASE,
        **lambdas,
        "LAMBDA_TASK_ROOT": task_root,
        "LAMBDA_RUNTIME_DIR": task_root,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
    }
    return variables | own
