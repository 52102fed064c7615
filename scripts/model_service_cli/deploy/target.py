"""Where `deploy` deploys to: a local cloud or AWS, and what keeps the two apart. Nothing is deployed here."""

import os
import re
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from model_service_cli.door import CommandError
from model_service_cli.files import ROOT

TARGETS = ("local", "aws")  # each has infra/<target>.tfvars and a state of its own
LOCAL_KEY = "test"  # what a local cloud takes that asks for no key of its own
_LOCAL_KEYS = (LOCAL_KEY, "LOCALCLOUD")  # how a local cloud's keys begin: see scripts/local_cloud
_ACCOUNTS_KEYS = ("AKIA", "ASIA")


class TerraformError(CommandError):
    """Terraform is missing, or a run of it failed or was refused. The message is for a person."""


@dataclass(frozen=True)
class Deployment:
    """Where to deploy: the target, the local cloud's endpoint ("" for AWS), and the folder of stamp and log."""

    target: str
    endpoint: str
    folder: Path
    root: Path = ROOT

    @classmethod
    def of(cls, target: str = "local", endpoint: str | None = None, folder: Path | None = None) -> Self:
        """The deployment of this repository, by default to AWS_ENDPOINT_URL from tmp/terraform/<target>.

        Raises TerraformError where no endpoint is known, and for AWS where infra/aws.tfvars is missing.
        """
        folder = (folder or ROOT / "tmp/terraform" / target).resolve()
        if target == "aws":
            return cls(target, "", folder)
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        if not endpoint:
            raise TerraformError("AWS_ENDPOINT_URL is not set: run this inside scripts/local-env.sh")
        return cls(target, endpoint.rstrip("/"), folder)

    @property
    def on_aws(self) -> bool:
        return self.target == "aws"

    @property
    def infra(self) -> Path:
        return self.root / "infra"

    @property
    def working(self) -> Path:
        """What Terraform runs in: for AWS a copy, so that neither local settings nor a backend leak across."""
        return self.folder / "root/infra" if self.on_aws else self.infra

    @property
    def variables(self) -> Path:
        return self.infra / f"{self.target}.tfvars"

    @property
    def backend(self) -> Path | None:
        """The settings of the remote state; None where the state is a file of this machine."""
        file = self.infra / "backend.hcl"
        return file if self.on_aws and file.exists() else None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def stamp(self) -> Path:
        return self.folder / ("deployed.json" if self.on_aws else f"deployed-{self._place}.json")

    @property
    def _place(self) -> str:
        """Host and port of the endpoint, as a part of a file's name: each local cloud has files of its own."""
        return re.sub(r"[^\w.-]+", "-", self.endpoint.partition("://")[2])

    @property
    def plan_file(self) -> Path:
        return self.folder / "plan.tfplan"

    @property
    def log(self) -> Path:
        return self.folder / "terraform.log"

    def state(self, session: str | None) -> Path:
        """A local cloud forgets everything when it stops, so each of its sessions has a state of its own.

        That of AWS lies beside its variables, where `make clean` does not reach.
        """
        name = session or f"unnamed-{self._place}"
        return self.infra / "aws.tfstate" if self.on_aws else self.folder / f"{name}.tfstate"


def environment_of(deployment: Deployment, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that Terraform runs in. Raises TerraformError for the local cloud's keys on the way to AWS."""
    if deployment.on_aws:
        if environment.get("AWS_ACCESS_KEY_ID", "").startswith(_LOCAL_KEYS):
            raise TerraformError("AWS_ACCESS_KEY_ID is a local cloud's: give an account's")
        local = ("AWS_ENDPOINT_URL", "TF_VAR_local_endpoint")
        return {name: value for name, value in environment.items() if not name.startswith(local)}
    settings = {**environment, "AWS_ENDPOINT_URL": deployment.endpoint, **local_keys(environment)}
    return {name: settings[name] for name in settings if name not in ("AWS_PROFILE", "AWS_SESSION_TOKEN")}


def local_keys(environment: Mapping[str, str]) -> dict[str, str]:
    """The keys for the local cloud: the environment's, and never an account's."""
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    given = {name: environment.get(name) or LOCAL_KEY for name in names}
    return dict.fromkeys(names, LOCAL_KEY) if given[names[0]].startswith(_ACCOUNTS_KEYS) else given


def prepare(deployment: Deployment) -> None:
    """Makes the folder that Terraform runs in. Raises TerraformError where the settings for AWS are missing."""
    if not deployment.on_aws:
        return
    if not deployment.variables.exists():
        raise TerraformError("infra/aws.tfvars is missing: copy infra/aws.tfvars.example and adapt it")
    deployment.working.mkdir(parents=True, exist_ok=True)
    for old in deployment.working.glob("*.tf"):
        old.unlink()
    for file in deployment.infra.glob("*.tf"):
        shutil.copyfile(file, deployment.working / file.name)
    if deployment.backend:
        (deployment.working / "backend.tf").write_text('terraform {\n  backend "s3" {}\n}\n')
    for name in ("dist", "functions", "statemachine"):
        link = deployment.working.parent / name
        if not link.is_symlink():
            link.symlink_to(deployment.root / name, target_is_directory=True)


def confirm(question: str) -> None:
    """Asks a person; YES=1 answers for one. Raises TerraformError for anything but yes, and where nobody is there."""
    if os.environ.get("YES") == "1":
        return
    if not sys.stdin.isatty():
        raise TerraformError(f"{question} Nobody to ask: run it in a terminal, or with YES=1")
    if input(f"{question} Only 'yes' does it: ").strip() != "yes":
        raise TerraformError("not agreed to, nothing was changed")
