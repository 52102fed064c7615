"""Deploys infra/ once per change, one line per stage; plans and removes it. How Terraform runs is in `terraform`.

What Terraform reads is digested into a stamp; while the stamp holds and what it tells of is there, a deploy starts no
process at all. State, provider, stamps and log of a target live in one folder (tmp/terraform/<target>); each local
cloud has a stamp and a state of its own in it. One command at a time: see `lock`.
"""

import json
import re
from typing import Any

from model_service_cli.deploy.changes import inputs_digest, read_stamp, session_id, write_stamp
from model_service_cli.deploy.lock import locked
from model_service_cli.deploy.still_there import missing
from model_service_cli.deploy.target import Deployment, TerraformError, confirm
from model_service_cli.deploy.terraform import (
    applied_so_far,
    first_match,
    initialise,
    options,
    run,
    state_option,
)
from model_service_cli.files import read_object
from model_service_cli.terminal.waiting import stage

Outputs = dict[str, Any]  # of Terraform, by name


def deploy(deployment: Deployment, force: bool = False) -> Outputs:
    """Applies infra/ unless nothing that Terraform reads has changed. Returns the outputs by name.

    To AWS only after the plan was shown and agreed to.
    """
    with locked(deployment, "deploy"):  # what another deploy did meanwhile is seen from here on
        return (
            _deploy_to_aws(deployment) if deployment.on_aws else _deploy_to_a_local_cloud(deployment, force)
        )


def _deploy_to_a_local_cloud(deployment: Deployment, force: bool) -> Outputs:
    session = session_id(deployment.endpoint)
    digest = inputs_digest(deployment, session)
    stamp = read_stamp(deployment)
    if session and not force and stamp.get("digest") == digest:
        gone = missing(deployment, stamp["outputs"])
        if not gone:
            print(f"deploy: nothing to deploy, {deployment.endpoint} has what infra/ describes")
            return stamp["outputs"]
        print(f"deploy: {gone} is not there any more, everything is looked at")
    if session and stamp and stamp["session"] != session:
        print("deploy: the local cloud is a new one, everything is deployed afresh")
        _remove_state(deployment, stamp["session"])
    deployment.stamp.unlink(missing_ok=True)
    _check_state(deployment, session)
    initialise(deployment, "deploy")
    with stage(
        f"deploy: applying infra/ to {deployment.endpoint}", lambda: applied_so_far(deployment)
    ) as done:
        text = run(deployment, "apply", "-auto-approve", *options(deployment, session))
        done(first_match(r"Resources: (.*)\.", text) or "applied")
    found = _read_outputs(deployment, session)
    write_stamp(deployment, {"digest": digest, "session": session, "outputs": found})
    return found


def _deploy_to_aws(deployment: Deployment) -> Outputs:
    initialise(deployment, "deploy")
    if _agreed_plan(deployment, "deploy"):
        with stage("deploy: applying the plan to AWS", lambda: applied_so_far(deployment)) as done:
            text = run(
                deployment, "apply", "-input=false", *state_option(deployment), str(deployment.plan_file)
            )
            done(first_match(r"Resources: (.*)\.", text) or "applied")
    found = _read_outputs(deployment, None)
    # The next deploy compares all the same: what is in the account, others may change.
    write_stamp(deployment, {"digest": "", "session": None, "outputs": found})
    print(f"deploy: state machine {found['state_machine_arn']}")
    return found


def _agreed_plan(deployment: Deployment, command: str, *more: str) -> bool:
    """Makes, shows and asks about a plan. False where there is nothing to do; raises where the answer is no."""
    plan_file = f"-out={deployment.plan_file}"
    with stage(f"{command}: comparing infra/ with AWS") as done:
        text = run(deployment, "plan", *options(deployment, None), plan_file, *more)
        changed = "No changes." not in text
        done(first_match(r"(?m)^Plan: (.*)\.$", text) or ("only outputs change" if changed else "no changes"))
    if command == "deploy":
        _check_no_bucket_goes(text)
    if changed:
        print(text[text.find("\nTerraform ") :].strip())
        confirm(f"{command} this to AWS?")
    return changed


def _check_no_bucket_goes(text: str) -> None:
    """Raises TerraformError for a plan to deploy that removes a bucket: an old name, or create_data_bucket = false."""
    gone = re.findall(r'# aws_s3_bucket\.this\["(\w+)"\] (?:will be destroyed|must be replaced)', text)
    if gone:
        raise TerraformError(
            f"this would remove the {' and the '.join(gone)} bucket with what is in it; nothing was changed. To keep a "
            "bucket that shall be this deployment's no more, see docs/aws.md; to remove it, run "
            "`make destroy TARGET=aws` first"
        )


def plan(deployment: Deployment) -> bool:
    """Prints what a deploy would change. Returns whether it would change anything."""
    with locked(deployment, "plan"):
        return _plan(deployment)


def _plan(deployment: Deployment) -> bool:
    session = None if deployment.on_aws else session_id(deployment.endpoint)
    initialise(deployment, "plan")
    with stage(f"plan: comparing infra/ with {deployment.endpoint}") as done:
        text = run(deployment, "plan", *options(deployment, session))
        summary = first_match(r"(?m)^Plan: (.*)\.$", text)
        changed = "No changes." not in text
        done(summary or ("only outputs change" if changed else "no changes"))
    if changed:
        print(text[text.find("\nTerraform ") :].strip())
    return changed


def destroy(deployment: Deployment) -> None:
    """Removes everything that Terraform made; from AWS only after the plan was shown and agreed to.

    Raises TerraformError while models are published, unless DROP_ARTIFACTS=yes says that they may go; on AWS also while
    there is data in a data bucket that goes too, unless DROP_DATA=yes.
    """
    with locked(deployment, "destroy"):
        _destroy(deployment)


def _destroy(deployment: Deployment) -> None:
    session = None if deployment.on_aws else session_id(deployment.endpoint)
    where = deployment.endpoint or "AWS"
    if not deployment.backend and not deployment.state(session).exists():
        deployment.stamp.unlink(missing_ok=True)
        print(f"destroy: nothing to destroy, nothing was deployed to {where}")
        return
    _check_state(deployment, session)
    initialise(deployment, "destroy")
    from model_service_cli.deploy.destroy_guard import (
        check_no_training_data,  # its boto3 takes half a second
        check_nothing_published,
    )

    made = _read_outputs(deployment, session)
    check_nothing_published(deployment, made)
    if deployment.on_aws:  # what lies in a local cloud was uploaded from here
        check_no_training_data(deployment, made)
    deployment.stamp.unlink(missing_ok=True)
    if deployment.on_aws:
        if not _agreed_plan(deployment, "destroy", "-destroy"):
            return
        arguments = ["apply", "-input=false", *state_option(deployment), str(deployment.plan_file)]
    else:
        arguments = ["destroy", "-auto-approve", *options(deployment, session)]
    with stage(f"destroy: removing everything from {where}", lambda: applied_so_far(deployment)) as done:
        text = run(deployment, *arguments)
        done(first_match(r"Resources: (.*)\.", text) or "removed")
    if not deployment.on_aws:
        _remove_state(deployment, session)


def _remove_state(deployment: Deployment, session: str | None) -> None:
    for file in deployment.folder.glob(f"{deployment.state(session).name}*"):
        file.unlink()


def _check_state(deployment: Deployment, session: str | None) -> None:
    """Raises TerraformError for a state of a local cloud that cannot be read: nobody knows then what is Terraform's."""
    state = deployment.state(session)
    if not deployment.on_aws and state.exists() and not read_object(state):
        raise TerraformError(
            f"{state} cannot be read, so what is deployed is not known: `make local-down` forgets all of it, "
            "and the next deploy begins afresh"
        )


def outputs(deployment: Deployment) -> Outputs:
    """The outputs of the last deploy to this place, by name: on AWS of anybody's, as its state has them.

    Raises TerraformError where there was none.
    """
    if deployment.on_aws:
        with locked(deployment, "outputs"):
            return _outputs_on_aws(deployment)
    stamp = read_stamp(deployment)
    if not stamp:
        raise TerraformError("nothing is deployed: run `make deploy`")
    return stamp["outputs"]


def _outputs_on_aws(deployment: Deployment) -> Outputs:
    found = {}
    if deployment.backend or deployment.state(None).exists():
        initialise(deployment, "outputs")
        found = _read_outputs(deployment, None)
    if "state_machine_arn" not in found:
        raise TerraformError("nothing is deployed to AWS: run `make deploy TARGET=aws`")
    write_stamp(deployment, {"digest": "", "session": None, "outputs": found})
    return found


def _read_outputs(deployment: Deployment, session: str | None) -> Outputs:
    state = state_option(deployment) if deployment.on_aws else [f"-state={deployment.state(session)}"]
    text = run(deployment, "output", "-json", *state)
    return {name: output["value"] for name, output in json.loads(text).items()}
