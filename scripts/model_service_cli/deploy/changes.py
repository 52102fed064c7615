"""Whether something has changed since the last deploy: a digest over what Terraform reads, kept in a stamp.

What is done about it is in `stack`."""

import hashlib
import json
import os
import re
import urllib.error
import urllib.request
from typing import Any

from model_service_cli.deploy.target import Deployment, TerraformError
from model_service_cli.files import read_object, write_whole

_SECONDS = 10


def session_id(endpoint: str) -> str | None:
    """What tells one run of LocalStack from the next; None where something else answers.

    Raises TerraformError where nothing answers.
    """
    try:
        with urllib.request.urlopen(f"{endpoint}/_localstack/info", timeout=_SECONDS) as response:
            info = response.read().decode(errors="replace")
    except urllib.error.HTTPError:
        return None
    except OSError as error:
        if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
            hung = (
                f"{endpoint} takes connections and does not answer within {_SECONDS} s: the local cloud hangs"
            )
            raise TerraformError(f"{hung}; `make local-down` ends it") from error
        message = f"nothing answers at {endpoint}: start the local cloud with `make local-up`"
        raise TerraformError(message) from error
    found = re.search(r'"session_id": *"([\w-]+)"', info)
    return found[1] if found else None


def inputs_digest(deployment: Deployment, session: str | None) -> str:
    """SHA-256 over everything that Terraform reads, and over which cloud it deploys to."""
    root = deployment.root
    files = [
        *root.glob("infra/*.tf"),
        *root.glob("infra/*.auto.tfvars"),
        *root.glob("infra/terraform.tfvars"),
        deployment.variables,
        *root.glob("statemachine/*.asl.json"),
        *root.glob("dist/*.zip"),
        *root.glob("functions/**/*.py"),
    ]
    content = {str(file.relative_to(root)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    settings = {name: os.environ[name] for name in os.environ if name.startswith(("TF_VAR_", "TF_CLI_ARGS"))}
    described = [deployment.target, deployment.endpoint, session, content, settings]
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def read_stamp(deployment: Deployment) -> dict[str, Any]:
    """What the last deploy left: digest, session and outputs; {} where there was none, or none that can be read."""
    stamp = read_object(deployment.stamp)
    kinds = {"digest": str, "session": str | None, "outputs": dict}
    whole = all(name in stamp and isinstance(stamp[name], kind) for name, kind in kinds.items())
    return stamp if whole else {}


def write_stamp(deployment: Deployment, made: dict[str, Any]) -> None:
    write_whole(deployment.stamp, json.dumps(made, indent=2))
