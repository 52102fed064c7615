"""A run on AWS: where the deployment is, by Terraform's outputs, whether these credentials are for it, a person's yes.

Nothing of the local cloud gets here: neither its endpoint nor its keys.
"""

import os
from pathlib import Path
from typing import Any

from model_service_cli.cloud import Deployed, client
from model_service_cli.deploy import stack
from model_service_cli.deploy.target import Deployment, confirm
from model_service_cli.door import CommandError
from model_service_cli.runs.request import Upload
from model_service_cli.runs.upload import address


def deployed_on_aws(folder: Path | None = None) -> Deployed:
    """What `make deploy TARGET=aws` has made. From here on this process talks to AWS, in the deployment's region.

    folder: of the deployment's state; by default the repository's. Raises CommandError where nothing was deployed, and
    for credentials of another account or of a local cloud.
    """
    outputs = stack.outputs(Deployment.of("aws", folder=folder))
    for name in [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]:
        del os.environ[name]
    os.environ |= {"AWS_REGION": outputs["region"], "AWS_DEFAULT_REGION": outputs["region"]}
    _check_account(outputs)
    return Deployed(
        state_machine_arn=outputs["state_machine_arn"],
        data_bucket=outputs["training_data_bucket"],
        data_key=outputs["training_data_key"],
    )


def _check_account(outputs: dict[str, Any]) -> None:
    account = client("sts").get_caller_identity()["Account"]
    if account != outputs["account_id"]:
        raise CommandError(
            f"these credentials are for account {account}, and the pipeline is deployed to {outputs['account_id']}"
        )


def confirm_run(deployed: Deployed, source: Upload | None) -> None:
    """Asks a person whether to run there; YES=1 answers for one. Raises TerraformError for anything but yes."""
    region, account = deployed.state_machine_arn.split(":")[3:5]
    machine = deployed.state_machine_arn.rpartition(":")[2]
    what = f"upload {source.path.resolve().name} to {address(source)} and start" if source else "start"
    confirm(f"{what} {machine} in account {account}, region {region}?")
