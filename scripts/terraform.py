"""Deploys infra/ with Terraform: once per change, one line per stage, its own noise in a log file.

What Terraform reads is digested into a stamp; while the stamp holds, a deploy starts no process at all.
State, provider, stamp and log of a target live in one folder (tmp/terraform/<target>), so a second local
cloud needs nothing but another endpoint and another folder. Run it inside scripts/local-env.sh.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGETS = ("local",)  # each has infra/<target>.tfvars and a state folder of its own


class TerraformError(Exception):
    """Terraform is missing, or a run of it failed. The message is for a person."""


@dataclass(frozen=True)
class Deployment:
    """Where to deploy: the target, the local cloud's endpoint, and the folder of state, stamp and log."""

    target: str
    endpoint: str
    folder: Path
    root: Path = ROOT

    @classmethod
    def of(cls, target: str = "local", endpoint: str | None = None, folder: Path | None = None):
        """The deployment of this repository, by default to AWS_ENDPOINT_URL from tmp/terraform/<target>.

        Raises TerraformError where no endpoint is known.
        """
        endpoint = endpoint or os.environ.get("AWS_ENDPOINT_URL")
        if not endpoint:
            raise TerraformError("AWS_ENDPOINT_URL is not set: run this inside scripts/local-env.sh")
        return cls(target, endpoint.rstrip("/"), (folder or ROOT / "tmp/terraform" / target).resolve())

    @property
    def infra(self) -> Path:
        return self.root / "infra"

    @property
    def variables(self) -> Path:
        return self.infra / f"{self.target}.tfvars"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def stamp(self) -> Path:
        return self.folder / "deployed.json"

    @property
    def log(self) -> Path:
        return self.folder / "terraform.log"

    def state(self, session: str | None) -> Path:
        """A local cloud forgets everything when it stops, so each of its sessions has a state of its own."""
        return self.folder / f"{session or 'unnamed'}.tfstate"


def deploy(deployment: Deployment, force: bool = False) -> dict:
    """Applies infra/ unless nothing that Terraform reads has changed. Returns the outputs by name."""
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


def plan(deployment: Deployment) -> bool:
    """Prints what a deploy would change. Returns whether it would change anything."""
    session = session_id(deployment.endpoint)
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
    """Removes everything that Terraform made."""
    session = session_id(deployment.endpoint)
    deployment.stamp.unlink(missing_ok=True)
    if not deployment.state(session).exists():
        print(f"destroy: nothing to destroy, nothing was deployed to {deployment.endpoint}")
        return
    initialise(deployment, "destroy")
    with _stage(f"destroy: removing everything from {deployment.endpoint}") as done:
        text = run(deployment, "destroy", "-auto-approve", *_options(deployment, session))
        done(_match(r"Resources: (.*)\.", text) or "removed")
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


def find_mirror(version: str) -> Path | None:
    """A local folder that holds the provider for this machine: TF_PLUGIN_DIR, else one in the usual places.

    Raises TerraformError when TF_PLUGIN_DIR does not hold it.
    """
    named = os.environ.get("TF_PLUGIN_DIR")
    if named:
        if _holds_provider(Path(named), version):
            return Path(named).resolve()
        raise TerraformError(f"TF_PLUGIN_DIR={named} holds no hashicorp/aws {version} for {_platform()}")
    home = Path.home()
    data_home = os.environ.get("XDG_DATA_HOME") or home / ".local/share"
    data_folders = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    usual = [
        home / ".terraform.d/plugins",
        *(Path(folder) / "terraform/plugins" for folder in [data_home, *data_folders]),
        home / "Library/Application Support/io.terraform/plugins",
        Path("/Library/Application Support/io.terraform/plugins"),
        *sorted(Path("/opt").glob("*")),
    ]
    return next((folder for folder in usual if _holds_provider(folder, version)), None)


def _holds_provider(folder: Path, version: str) -> bool:
    """Unpacked (<host>/hashicorp/aws/<version>/<platform>/) or packed, as Terraform lays mirrors out."""
    patterns = (f"{version}/{_platform()}/*", f"terraform-provider-aws_{version}_{_platform()}.zip")
    return any(next(folder.glob(f"*/hashicorp/aws/{pattern}"), None) for pattern in patterns)


def _platform() -> str:
    """As Terraform names it: linux_amd64, darwin_arm64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_" + {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)


def initialise(deployment: Deployment, command: str) -> None:
    """Terraform present and new enough, the provider in place. Does nothing that is done already."""
    versions = (deployment.infra / "versions.tf").read_text()
    _check_terraform(re.search(r'required_version = ">= ([\d.]+)"', versions)[1])
    provider = re.search(r'source\s*=\s*"hashicorp/aws"\s*version\s*=\s*"([\d.]+)"', versions)[1]
    deployment.folder.mkdir(parents=True, exist_ok=True)
    deployment.log.write_text("")
    lock = deployment.infra / ".terraform.lock.hcl"
    done_for = deployment.data / "initialised"
    installed = any(deployment.data.glob(f"providers/*/hashicorp/aws/{provider}/*/*"))
    if installed and lock.exists() and done_for.exists() and done_for.read_text() == versions:
        return
    mirror = find_mirror(provider)
    lock.unlink(missing_ok=True)  # made by another source, it may refuse this one's package
    with _stage(f"{command}: provider hashicorp/aws {provider} from {mirror or 'the registry'}") as done:
        run(deployment, "init", "-input=false", *([f"-plugin-dir={mirror}"] if mirror else []))
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
        f"-state={deployment.state(session)}",
        f"-var-file={deployment.variables}",
    ]


def _quiet() -> dict[str, str]:
    return {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}


def run(deployment: Deployment, command: str, *arguments: str) -> str:
    """Runs one command with its output in the log. Returns the output; raises TerraformError on failure."""
    environment = {
        **_quiet(),
        "TF_DATA_DIR": str(deployment.data),
        "AWS_ENDPOINT_URL": deployment.endpoint,
        # Never an account's: the local cloud takes any, and its names follow from them.
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        environment.pop(name, None)
    call = ["terraform", f"-chdir={deployment.infra}", command, "-no-color", *arguments]
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
    text = run(deployment, "output", "-json", f"-state={deployment.state(session)}")
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


if __name__ == "__main__":
    sys.exit(main())
