"""Why an item of a Distributed Map failed, which is an execution of its own: the Map's error says only that one did."""

from typing import Any

from botocore.exceptions import ClientError

from model_service_cli.runs.steps import Failure

MAP_FAILED = "States.ExceedToleratedFailureThreshold"


def failed_item(states: Any, map_run: str) -> Failure | None:
    """The failure of one of them, by the Map run's ARN; None where the service lists none, as LocalStack does not."""
    try:
        listed = states.list_executions(mapRunArn=map_run, statusFilter="FAILED", maxResults=1)["executions"]
        if not listed:
            return None
        found = states.describe_execution(executionArn=listed[0]["executionArn"])
    except ClientError:
        return None
    return Failure(found.get("error", ""), found.get("cause", ""))
