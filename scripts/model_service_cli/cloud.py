"""The cloud that the commands talk to, what is deployed there, and its errors as text for a person.

With AWS_ENDPOINT_URL set it is the local cloud, reached through localstack-client's session; otherwise it is
the AWS account of the environment. Nothing here knows what a command does with it.
"""

import http.client
import os
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from localstack_client.session import Session as LocalSession

from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, read_object
from shared.config import Config

STEPS = ("fetch-and-validate", "summarize", "publish-artifact")
ALIAS = "live"
OUTPUTS_ON_AWS = ROOT / "tmp/terraform/aws/deployed.json"  # left by deploy, see there
ANSWER_SECONDS = 10  # a local cloud that is busy with a hundred executions takes one or two

_ANSWERED: set[str] = set()  # endpoints that this process has asked


def endpoint() -> str | None:
    """The address of the local cloud, None for AWS."""
    return os.environ.get("AWS_ENDPOINT_URL", "").strip() or None


def keys_of(state: Path) -> dict[str, str]:
    """The keys and the endpoint of the local cloud with this state directory, as variables of the environment."""
    lines = (state / "keys.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def client(service: str, *, read_timeout: int = 60, attempts: int = 4) -> Any:
    """A boto3 client of `service`.

    read_timeout: seconds to wait for an answer; attempts: how often a call is tried, 1 for calls that must
    not be repeated. Waiting for a connection ends after 5 seconds. Before its first call to a local cloud that one is
    asked whether it is well: CommandError where it takes connections and answers none.
    """
    config = ClientConfig(
        connect_timeout=5,
        read_timeout=read_timeout,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    if endpoint():
        session = LocalSession(
            aws_access_key_id=os.environ.get("AWS_ACCESS_KEY_ID", "test"),
            aws_secret_access_key=os.environ.get("AWS_SECRET_ACCESS_KEY", "test"),
            aws_session_token=None,
            region_name=os.environ.get("AWS_DEFAULT_REGION", "us-east-1"),
        )
        made = session.client(service, config=config)
        made.meta.events.register_first("before-send", _check_that_it_answers, unique_id="first-call")
        return made
    account: Any = boto3.Session(
        region_name=_outputs_on_aws().get("region")
    )  # its types know services by name
    return account.client(service, config=config)


def _check_that_it_answers(**_: Any) -> None:
    """Raises CommandError for an endpoint that hangs, which boto3 would wait for, minute by minute."""
    url = endpoint()
    if not url or url in _ANSWERED:
        return
    try:
        with urllib.request.urlopen(f"{url.rstrip('/')}/_localstack/health", timeout=ANSWER_SECONDS):
            pass
    except (OSError, http.client.HTTPException) as error:
        # It may be of another kind, or not there: the call itself tells that.
        if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
            raise CommandError(
                f"{url} takes connections and does not answer within {ANSWER_SECONDS} s: the local cloud hangs "
                "or is overloaded; `make local-down` ends it"
            ) from None
    _ANSWERED.add(url)


def name_prefix() -> str:
    """First part of every deployed name: Terraform's variable name_prefix, by the environment or its last outputs."""
    given = os.environ.get("TF_VAR_name_prefix")  # noqa: SIM112 (Terraform's spelling)
    return given or _outputs_on_aws().get("name_prefix") or "model-service"


def _outputs_on_aws() -> dict[str, Any]:
    """Terraform's outputs of the last deploy to AWS from here; {} in a local cloud, and where there was none."""
    outputs = {} if endpoint() else read_object(OUTPUTS_ON_AWS).get("outputs")
    return outputs if isinstance(outputs, dict) else {}


def function_name(step: str) -> str:
    """The Lambda function of a step, such as `summarize`."""
    return f"{name_prefix()}-{step}"


@dataclass(frozen=True)
class Deployed:
    """What is deployed, as the deployed functions themselves say, so that no Terraform state is needed."""

    state_machine_arn: str
    data_bucket: str
    data_key: str

    @property
    def config(self) -> Config:
        """What an empty request means there, as far as it is about the data."""
        return Config(data_bucket=self.data_bucket, data_key=self.data_key)

    @classmethod
    def find(cls) -> "Deployed":
        """Asks the first step's function. Raises CommandError when nothing is deployed."""
        name = function_name(STEPS[0])
        functions = client("lambda")
        try:
            configuration = functions.get_function(FunctionName=name, Qualifier=ALIAS)["Configuration"]
        except functions.exceptions.ResourceNotFoundException:
            raise CommandError(f"{name} is not deployed at {endpoint() or 'AWS'}; run: make deploy") from None
        variables = configuration.get("Environment", {}).get("Variables", {})
        partition, _, region, account = configuration["FunctionArn"].split(":")[1:5]
        machine = f"{name_prefix()}-training-pipeline"
        return cls(
            state_machine_arn=f"arn:{partition}:states:{region}:{account}:stateMachine:{machine}",
            data_bucket=variables.get("TRAINING_DATA_BUCKET", "ml-data-demo"),
            data_key=variables.get("TRAINING_DATA_KEY", "data/btc_candles_labeled_sample.csv"),
        )


def explain(error: BaseException) -> str:
    """A botocore or boto3 error in one line."""
    match error:
        case ClientError(response={"Error": {"Code": code} as details}, operation_name=operation):
            message = " ".join(str(details.get("Message", "")).split())
            return f"{operation} was refused: {code}{': ' if message else ''}{message}"
        case ConnectionError() | HTTPClientError() if endpoint():
            return (
                f"no answer from {endpoint()} ({type(error).__name__}); is the local cloud up? make local-up"
            )
        case _:
            return " ".join(str(error).split())
