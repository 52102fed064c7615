"""One run of Terraform: its installation, its provider and options, its output in a log, its errors in a line.

What is run when is decided in `stack`.
"""

import os
import re
import shutil
import subprocess

from model_service_cli.deploy.provider_mirror import find_mirror
from model_service_cli.deploy.target import Deployment, TerraformError, environment_of, prepare
from model_service_cli.deploy.terraform_install import how_to_install
from model_service_cli.terminal.waiting import stage


def initialise(deployment: Deployment, command: str) -> None:
    """Terraform present and new enough, the provider in place. Does nothing that is done already."""
    versions = (deployment.infra / "versions.tf").read_text()
    required = first_match(r'required_version = ">= ([\d.]+)"', versions)
    provider = first_match(r'source\s*=\s*"hashicorp/aws"\s*version\s*=\s*"([\d.]+)"', versions)
    if not required or not provider:
        raise TerraformError("infra/versions.tf does not say which Terraform and which provider it needs")
    _check_terraform(required)
    deployment.data.mkdir(parents=True, exist_ok=True)
    deployment.log.write_text("")
    prepare(deployment)
    lock = deployment.working / ".terraform.lock.hcl"
    done_for = deployment.data / "initialised"
    installed = any(deployment.data.glob(f"providers/*/hashicorp/aws/{provider}/*/*"))
    known = installed and lock.exists() and done_for.exists() and done_for.read_text() == versions
    if known and not deployment.backend:  # a backend's settings may have changed since
        return
    mirror = find_mirror(provider)
    lock.unlink(missing_ok=True)  # made by another source, it may refuse this one's package
    with stage(f"{command}: provider hashicorp/aws {provider} from {mirror or 'the registry'}") as done:
        options = [f"-plugin-dir={mirror}"] if mirror else []
        options += [f"-backend-config={deployment.backend}", "-reconfigure"] if deployment.backend else []
        run(deployment, "init", "-input=false", *options)
        done("ready")
    done_for.write_text(versions)


def _check_terraform(required: str) -> None:
    install = f"install Terraform {required} or later: {how_to_install()}"
    if not shutil.which("terraform"):
        raise TerraformError(f"Terraform is missing: {install}")
    answer = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, env=_quiet())
    found = first_match(r'"terraform_version": "([\d.]+)', answer.stdout)
    if not found:
        raise TerraformError(f"`terraform version` does not answer: {install}")
    if _numbers(found) < _numbers(required):
        raise TerraformError(f"Terraform {found} is too old: {install}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _quiet() -> dict[str, str]:
    return {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}


def run(deployment: Deployment, command: str, *arguments: str) -> str:
    """Runs one command with its output in the log. Returns the output; raises TerraformError on failure."""
    environment = {**environment_of(deployment, _quiet()), "TF_DATA_DIR": str(deployment.data)}
    call = ["terraform", f"-chdir={deployment.working}", command, "-no-color", *arguments]
    with deployment.log.open("a+b") as log:
        begin = log.seek(0, os.SEEK_END)
        errors = subprocess.PIPE if command == "output" else subprocess.STDOUT  # its text is JSON, kept apart
        process = subprocess.Popen(call, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=errors)
        try:
            _, warnings = process.communicate()
        except KeyboardInterrupt:
            process.wait()  # it got the same signal, and saves its state before it ends
            raise
        log.seek(begin)
        text = log.read().decode(errors="replace")
        log.write(warnings or b"")
    if process.returncode:
        problems = _problems(text + (warnings or b"").decode(errors="replace"))
        if re.search("AlreadyExists|AlreadyOwned|ResourceConflict", text):
            taken = "names are taken by another checkout's deploy, or by one whose state is gone"
            problems = [f"{taken}: restart the local cloud, or use another (AWS_ENDPOINT_URL)", *problems]
        told = "; ".join(problems[:3]) or f"exit status {process.returncode}"
        more = f"; and {len(problems) - 3} more" if len(problems) > 3 else ""
        raise TerraformError(f"terraform {command}: {told}{more} (log: {deployment.log})")
    return text


def _problems(text: str) -> list[str]:
    """The errors in Terraform's output, each as one line: its title and what it says about it."""
    lines = [line.strip("\u2577\u2502\u2575 ") for line in text.splitlines()]
    found = []
    for block in "\n".join(lines).split("Error: ")[1:]:
        title, *paragraphs = [" ".join(part.split()) for part in block.split("\n\n")]
        said = [part for part in paragraphs if part and not part.startswith(("with ", "on "))]
        found.append(": ".join([title, *said[:1]]))
    return list(dict.fromkeys(found))


def options(deployment: Deployment, session: str | None) -> list[str]:
    # What waits is the API, not the processor: more at a time than the ten that Terraform has by default.
    return [
        "-input=false",
        "-lock-timeout=60s",
        "-parallelism=20",
        *([] if deployment.on_aws else [f"-state={deployment.state(session)}"]),
        f"-var-file={deployment.variables}",
        *(["-var=local_endpoint=false", *state_option(deployment)] if deployment.on_aws else []),
    ]


def state_option(deployment: Deployment) -> list[str]:
    return [] if deployment.backend else [f"-state={deployment.state(None)}"]


def first_match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None


def applied_so_far(deployment: Deployment) -> str:
    """How many of the resources that the plan names are done, as the log has it; empty before there is a plan."""
    text = deployment.log.read_text(encoding="utf-8", errors="replace")
    planned = re.search(r"Plan: (?:\d+ to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy", text)
    if not planned:
        return ""
    done = re.findall(r"(?:Creation|Modifications|Destruction) complete after", text)
    return f"{len(done)} of {sum(map(int, planned.groups()))}"
