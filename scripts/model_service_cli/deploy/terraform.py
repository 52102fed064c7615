"""Deploys infra/ with Terraform: once per change, one line per stage, its own noise in a log file.

What Terraform reads is digested into a stamp; while the stamp holds, a deploy starts no process at all.
State, provider, stamp and log of a target live in one folder (tmp/terraform/<target>), so a second local
cloud needs nothing but another endpoint and another folder. Run it inside scripts/local-env.sh, and for AWS outside.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model_service_cli.deploy.destroy_guard import check_nothing_published
from model_service_cli.deploy.provider_mirror import find_mirror
from model_service_cli.deploy.target import (
    ROOT,
    TARGETS,
    Deployment,
    TerraformError,
    confirm,
    environment_of,
    prepare,
)

__all__ = ["ROOT", "Deployment", "TerraformError", "find_mirror"]


def deploy(deployment: Deployment, force: bool = False) -> dict:
    """Applies infra/ unless nothing that Terraform reads has changed. Returns the outputs by name.

    To AWS only after the plan was shown and agreed to.
    """
    if deployment.on_aws:
        return _deploy_to_aws(deployment)
    session = session_id(deployment.endpoint)
    digest = inputs_digest(deployment, session)
    stamp = _read_stamp(deployment)
    if session and not force and stamp.get("digest") == digest:
        print(f"deploy: nothing to deploy, {deployment.endpoint} has what infra/ describes")
        return stamp["outputs"]
    if session and stamp and stamp["session"] != session:
        print("deploy: the local cloud is a new one, everything is deployed afresh")
    deployment.stamp.unlink(missing_ok=True)
    initialise(deployment, "deploy")
    with _stage(f"deploy: applying infra/ to {deployment.endpoint}") as done:
        text = run(deployment, "apply", "-auto-approve", *_options(deployment, session))
        done(_match(r"Resources: (.*)\.", text) or "applied")
    made = {"digest": digest, "session": session, "outputs": _read_outputs(deployment, session)}
    deployment.stamp.write_text(json.dumps(made, indent=2))
    return made["outputs"]


def _deploy_to_aws(deployment: Deployment) -> dict:
    initialise(deployment, "deploy")
    if _agreed_plan(deployment, "deploy"):
        with _stage("deploy: applying the plan to AWS") as done:
            text = run(
                deployment, "apply", "-input=false", *_state_option(deployment), str(deployment.plan_file)
            )
            done(_match(r"Resources: (.*)\.", text) or "applied")
    found = _read_outputs(deployment, None)
    print(f"deploy: state machine {found['state_machine_arn']}")
    return found


def _agreed_plan(deployment: Deployment, command: str, *options: str) -> bool:
    """Makes, shows and asks about a plan. False where there is nothing to do; raises where the answer is no."""
    plan_file = f"-out={deployment.plan_file}"
    with _stage(f"{command}: comparing infra/ with AWS") as done:
        text = run(deployment, "plan", *_options(deployment, None), plan_file, *options)
        changed = "No changes." not in text
        done(_match(r"(?m)^Plan: (.*)\.$", text) or ("only outputs change" if changed else "no changes"))
    if changed:
        print(text[text.find("\nTerraform ") :].strip())
        confirm(f"{command} this to AWS?")
    return changed


def plan(deployment: Deployment) -> bool:
    """Prints what a deploy would change. Returns whether it would change anything."""
    session = None if deployment.on_aws else session_id(deployment.endpoint)
    initialise(deployment, "plan")
    with _stage(f"plan: comparing infra/ with {deployment.endpoint}") as done:
        text = run(deployment, "plan", *_options(deployment, session))
        summary = _match(r"(?m)^Plan: (.*)\.$", text)
        changed = "No changes." not in text
        done(summary or ("only outputs change" if changed else "no changes"))
    if changed:
        print(text[text.find("\nTerraform ") :].strip())
    return changed


def destroy(deployment: Deployment) -> None:
    """Removes everything that Terraform made; from AWS only after the plan was shown and agreed to.

    Raises TerraformError while models are published, unless DROP_ARTIFACTS=yes says that they may go.
    """
    session = None if deployment.on_aws else session_id(deployment.endpoint)
    where = deployment.endpoint or "AWS"
    if not deployment.backend and not deployment.state(session).exists():
        deployment.stamp.unlink(missing_ok=True)
        print(f"destroy: nothing to destroy, nothing was deployed to {where}")
        return
    initialise(deployment, "destroy")
    check_nothing_published(deployment, _read_outputs(deployment, session))
    deployment.stamp.unlink(missing_ok=True)
    if deployment.on_aws:
        if not _agreed_plan(deployment, "destroy", "-destroy"):
            return
        arguments = ["apply", "-input=false", *_state_option(deployment), str(deployment.plan_file)]
    else:
        arguments = ["destroy", "-auto-approve", *_options(deployment, session)]
    with _stage(f"destroy: removing everything from {where}") as done:
        text = run(deployment, *arguments)
        done(_match(r"Resources: (.*)\.", text) or "removed")
    if not deployment.on_aws:
        for file in deployment.folder.glob(f"{deployment.state(session).name}*"):
            file.unlink()


def outputs(deployment: Deployment) -> dict:
    """The outputs of the last deploy, by name. Raises TerraformError where there was none."""
    stamp = _read_stamp(deployment)
    if not stamp:
        raise TerraformError("nothing is deployed: run `make deploy`")
    return stamp["outputs"]


def session_id(endpoint: str) -> str | None:
    """What tells one run of LocalStack from the next; None where something else answers.

    Raises TerraformError where nothing answers.
    """
    try:
        with urllib.request.urlopen(f"{endpoint}/_localstack/info", timeout=10) as response:
            info = response.read().decode(errors="replace")
    except urllib.error.HTTPError:
        return None
    except OSError as error:
        message = f"nothing answers at {endpoint}: start the local cloud with `make local-up`"
        raise TerraformError(message) from error
    return _match(r'"session_id": *"([\w-]+)"', info)


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


def initialise(deployment: Deployment, command: str) -> None:
    """Terraform present and new enough, the provider in place. Does nothing that is done already."""
    versions = (deployment.infra / "versions.tf").read_text()
    _check_terraform(re.search(r'required_version = ">= ([\d.]+)"', versions)[1])
    provider = re.search(r'source\s*=\s*"hashicorp/aws"\s*version\s*=\s*"([\d.]+)"', versions)[1]
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
    with _stage(f"{command}: provider hashicorp/aws {provider} from {mirror or 'the registry'}") as done:
        options = [f"-plugin-dir={mirror}"] if mirror else []
        options += [f"-backend-config={deployment.backend}", "-reconfigure"] if deployment.backend else []
        run(deployment, "init", "-input=false", *options)
        done("ready")
    done_for.write_text(versions)


def _check_terraform(required: str) -> None:
    install = f"install Terraform {required} or later (https://developer.hashicorp.com/terraform/install)"
    if not shutil.which("terraform"):
        raise TerraformError(f"Terraform is missing: {install}")
    answer = subprocess.run(["terraform", "version", "-json"], capture_output=True, text=True, env=_quiet())
    found = _match(r'"terraform_version": "([\d.]+)', answer.stdout)
    if not found:
        raise TerraformError(f"`terraform version` does not answer: {install}")
    if _numbers(found) < _numbers(required):
        raise TerraformError(f"Terraform {found} is too old: {install}")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _options(deployment: Deployment, session: str | None) -> list[str]:
    # What waits is the API, not the processor: more at a time than the ten that Terraform has by default.
    return [
        "-input=false",
        "-lock-timeout=60s",
        "-parallelism=20",
        *([] if deployment.on_aws else [f"-state={deployment.state(session)}"]),
        f"-var-file={deployment.variables}",
        *(["-var=local_endpoint=false", *_state_option(deployment)] if deployment.on_aws else []),
    ]


def _state_option(deployment: Deployment) -> list[str]:
    return [] if deployment.backend else [f"-state={deployment.state(None)}"]


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
            problems = ["names are taken by a deploy whose state is gone: restart the local cloud", *problems]
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


def _read_outputs(deployment: Deployment, session: str | None) -> dict:
    state = _state_option(deployment) if deployment.on_aws else [f"-state={deployment.state(session)}"]
    text = run(deployment, "output", "-json", *state)
    return {name: output["value"] for name, output in json.loads(text).items()}


def _read_stamp(deployment: Deployment) -> dict:
    return json.loads(deployment.stamp.read_text()) if deployment.stamp.exists() else {}


def _match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found[1] if found else None


@contextmanager
def _stage(name: str) -> Iterator:
    """One line: the stage's name at once, then the result and the seconds that it took."""
    begin = time.monotonic()
    result = []
    print(f"{name} ... ", end="", flush=True)
    try:
        yield result.append
    finally:
        print(f"{result[0] if result else 'failed'} ({time.monotonic() - begin:.1f} s)", flush=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Deploy infra/ with Terraform.")
    parser.add_argument("command", choices=("deploy", "outputs", "plan", "destroy"))
    parser.add_argument("--target", choices=TARGETS, default="local")
    parser.add_argument("--endpoint", help="the local cloud (default: AWS_ENDPOINT_URL)")
    parser.add_argument(
        "--folder", type=Path, help="of state, stamp and log (default: tmp/terraform/<target>)"
    )
    parser.add_argument("--force", action="store_true", help="deploy even though nothing has changed")
    options = parser.parse_args(arguments)
    try:
        deployment = Deployment.of(options.target, options.endpoint, options.folder)
        if options.command == "deploy":
            deploy(deployment, options.force)
        elif options.command == "plan":
            plan(deployment)
        elif options.command == "destroy":
            destroy(deployment)
        else:
            print(json.dumps(outputs(deployment), indent=2))
    except TerraformError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{options.command}: interrupted", file=sys.stderr)
        return 130
    return 0
