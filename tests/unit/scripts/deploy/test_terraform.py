"""`deploy` without a cloud: what makes a deploy necessary, where the provider is found, its errors."""

import http.server
import io
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from model_service_cli.command_line import main
from model_service_cli.deploy import changes, stack, terraform
from model_service_cli.deploy.provider_mirror import find_mirror, platform_name
from model_service_cli.deploy.target import Deployment, TerraformError
from model_service_cli.deploy.terraform_install import how_to_install
from model_service_cli.files import ROOT


@pytest.fixture
def local_cloud():
    """Answers as LocalStack does about itself; the session is what `answers["session_id"]` holds."""
    answers = {"version": "4.14.0", "session_id": "session-1", "gone": None}
    there = ["/data", "/artifacts", "/2015-03-31/functions/fetch?Qualifier=live", "/"]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            known = self.path == "/_localstack/info" and answers["session_id"]
            known = known or (self.path in there and self.path != answers["gone"])
            body = b"" if self.command == "HEAD" else json.dumps(answers).encode()
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_POST = do_GET

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        answers["endpoint"] = f"http://127.0.0.1:{server.server_port}"
        yield answers
        server.shutdown()
        thread.join()


@pytest.fixture
def deployment(tmp_path, local_cloud):
    """A deployment of a small tree that has a file of every kind that Terraform reads."""
    for name in (
        "infra/main.tf",
        "infra/versions.tf",
        "infra/local.tfvars",
        "statemachine/machine.asl.json",
        "dist/step.zip",
        "functions/shared/errors.py",
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "infra/versions.tf").write_text((ROOT / "infra/versions.tf").read_text())
    return Deployment("local", local_cloud["endpoint"], tmp_path / "state", tmp_path)


@pytest.fixture
def no_terraform(monkeypatch, tmp_path):
    """A PATH without Terraform: whatever would start it, fails."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def program(folder, text):
    """A terraform on the PATH that runs this shell text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "terraform").write_text(f"#!/bin/sh\n{text}\n")
    (folder / "terraform").chmod(0o755)
    return str(folder)


OUTPUTS = {
    "region": "us-east-1",
    "training_data_bucket": "data",
    "training_artifact_bucket": "artifacts",
    "function_names": {"fetch-and-validate": "fetch"},
    "state_machine_arn": "arn:aws:states:us-east-1:000000000000:stateMachine:pipeline",
}


def deployed(deployment, session="session-1"):
    """Leaves what a deploy of the present inputs leaves."""
    deployment.folder.mkdir(parents=True, exist_ok=True)
    digest = changes.inputs_digest(deployment, session)
    stamp = {"digest": digest, "session": session, "outputs": OUTPUTS}
    deployment.stamp.write_text(json.dumps(stamp))


def test_a_deploy_of_what_is_deployed_starts_no_terraform(deployment, no_terraform, capsys):
    deployed(deployment)

    assert stack.deploy(deployment) == OUTPUTS
    assert capsys.readouterr().out == (
        f"deploy: nothing to deploy, {deployment.endpoint} has what infra/ describes\n"
    )


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/data", "the bucket data"),
        ("/artifacts", "the bucket artifacts"),
        ("/2015-03-31/functions/fetch?Qualifier=live", "the function fetch"),
        ("/", "the state machine pipeline"),
    ],
)
def test_what_was_removed_since_is_deployed_again(deployment, local_cloud, no_terraform, capsys, path, what):
    deployed(deployment)
    local_cloud["gone"] = path

    with pytest.raises(TerraformError, match="Terraform is missing"):
        stack.deploy(deployment)
    assert f"deploy: {what} is not there any more, everything is looked at\n" in capsys.readouterr().out


@pytest.mark.parametrize("outputs", [{}, {**OUTPUTS, "function_names": ["fetch"]}])
def test_outputs_of_another_kind_are_deployed_again(deployment, no_terraform, outputs):
    deployed(deployment)
    stamp = json.loads(deployment.stamp.read_text())
    deployment.stamp.write_text(json.dumps(stamp | {"outputs": outputs}))

    with pytest.raises(TerraformError, match="Terraform is missing"):
        stack.deploy(deployment)


def test_two_local_clouds_have_stamps_and_states_of_their_own(deployment):
    other = replace(deployment, endpoint="http://localhost:4567")
    deployed(deployment)
    assert changes.read_stamp(other) == {}
    assert deployment.state(None) != other.state(None)


def test_a_cloud_that_hangs_is_told_within_seconds(deployment, monkeypatch):
    monkeypatch.setattr(changes, "_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hung = replace(deployment, endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(TerraformError, match="does not answer within 1 s: the local cloud hangs"):
            stack.deploy(hung)


@pytest.mark.parametrize("content", ["", '{"version": 4, "res'])
@pytest.mark.parametrize("command", [stack.deploy, stack.destroy])
def test_a_state_that_cannot_be_read_is_one_line_and_stays(deployment, no_terraform, content, command):
    deployment.folder.mkdir()
    deployment.state("session-1").write_text(content)
    with pytest.raises(TerraformError, match="cannot be read, so what is deployed is not known"):
        command(deployment)
    assert deployment.state("session-1").read_text() == content


def test_the_state_of_a_cloud_that_is_gone_goes(deployment, local_cloud, no_terraform):
    deployed(deployment)
    deployment.state("session-1").write_text("{}")
    local_cloud["session_id"] = "session-2"
    with pytest.raises(TerraformError, match="Terraform is missing"):
        stack.deploy(deployment)
    assert not deployment.state("session-1").exists()


FAKE_LOCAL = """
case "$*" in
    *version*) echo '{{"terraform_version": "1.11.4"}}' ;;
    *" apply "*)
        mkdir "{marks}/apply" || {{ echo "Error: two at once"; exit 1; }}
        echo once >> "{marks}/applied"
        sleep 0.3
        rmdir "{marks}/apply"
        echo "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." ;;
    *" output "*) echo '{outputs}' ;;
esac
"""


def test_of_several_deploys_at_once_one_applies_and_the_others_find_it_done(
    deployment, monkeypatch, tmp_path, capfd
):
    outputs = json.dumps({name: {"value": value} for name, value in OUTPUTS.items()})
    text = FAKE_LOCAL.format(marks=tmp_path, outputs=outputs)
    monkeypatch.setenv("PATH", program(tmp_path / "bin", text), prepend=":")

    with ThreadPoolExecutor(6) as pool:  # a lock of flock's is one of an open file: threads have their own
        assert list(pool.map(lambda _: stack.deploy(deployment), range(6))) == [OUTPUTS] * 6
    said = capfd.readouterr().out
    assert (tmp_path / "applied").read_text() == "once\n"
    assert said.count("nothing to deploy") == 5
    assert "deploy: waiting for another one to end (deploy, process " in said


def test_a_restarted_local_cloud_is_deployed_to_afresh(deployment, local_cloud, no_terraform, capsys):
    deployed(deployment)
    local_cloud["session_id"] = "session-2"

    with pytest.raises(TerraformError, match="Terraform is missing"):
        stack.deploy(deployment)
    assert "the local cloud is a new one" in capsys.readouterr().out
    assert deployment.state("session-1") != deployment.state("session-2")


def test_a_cloud_that_does_not_name_its_session_is_always_deployed_to(deployment, local_cloud, no_terraform):
    local_cloud["session_id"] = None
    deployed(deployment, session=None)

    with pytest.raises(TerraformError, match="Terraform is missing"):
        stack.deploy(deployment)


def test_force_deploys_what_is_deployed(deployment, no_terraform):
    deployed(deployment)

    with pytest.raises(TerraformError, match="Terraform is missing"):
        stack.deploy(deployment, force=True)


@pytest.mark.parametrize(
    "name",
    [
        "infra/main.tf",
        "infra/new.tf",
        "infra/more.auto.tfvars",
        "infra/terraform.tfvars",
        "infra/local.tfvars",
        "statemachine/machine.asl.json",
        "dist/step.zip",
        "functions/shared/errors.py",
        "functions/step/new.py",
    ],
)
def test_a_change_of_any_file_that_terraform_reads_makes_a_deploy_necessary(deployment, name):
    before = changes.inputs_digest(deployment, "session-1")
    file = deployment.root / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("changed")

    assert changes.inputs_digest(deployment, "session-1") != before


@pytest.mark.parametrize("name", ["infra/notes.md", "infra/aws.tfvars", "functions/shared/errors.pyc"])
def test_other_files_do_not(deployment, name):
    before = changes.inputs_digest(deployment, "session-1")
    (deployment.root / name).write_text("anything")

    assert changes.inputs_digest(deployment, "session-1") == before


def test_variables_in_the_environment_make_a_deploy_necessary(deployment, monkeypatch):
    before = changes.inputs_digest(deployment, "session-1")
    monkeypatch.setenv("TF_VAR_log_retention_days", "30")

    assert changes.inputs_digest(deployment, "session-1") != before


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"digest": "d"}', '{"digest": "d", "session": 1, "outputs": []}']
)
def test_a_stamp_that_cannot_be_read_is_as_good_as_none(deployment, content):
    deployment.folder.mkdir()
    deployment.stamp.write_text(content)
    assert changes.read_stamp(deployment) == {}
    with pytest.raises(TerraformError, match="nothing is deployed: run `make deploy`"):
        stack.outputs(deployment)


def test_a_stamp_is_read_as_it_was_written(deployment):
    made = {"digest": "d", "session": None, "outputs": {"region": "us-east-1"}}
    changes.write_stamp(deployment, made)
    assert changes.read_stamp(deployment) == made
    place = deployment.endpoint.removeprefix("http://").replace(":", "-")
    assert [file.name for file in deployment.folder.iterdir()] == [f"deployed-{place}.json"]


def test_no_endpoint_is_an_error_so_that_local_settings_never_reach_an_account(monkeypatch):
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

    with pytest.raises(TerraformError, match="AWS_ENDPOINT_URL is not set"):
        Deployment.of()


def test_how_much_of_a_plan_is_applied_is_read_from_the_log(deployment):
    deployment.log.parent.mkdir(parents=True, exist_ok=True)
    deployment.log.write_text("aws_partition.current: Read complete after 0s [id=aws]\n")
    assert terraform.applied_so_far(deployment) == ""
    with deployment.log.open("a") as log:
        log.write("Plan: 3 to add, 1 to change, 0 to destroy.\naws_s3_bucket.this: Creating...\n")
    assert terraform.applied_so_far(deployment) == "0 of 4"
    with deployment.log.open("a") as log:
        log.write(
            "aws_s3_bucket.this: Creation complete after 0s [id=x]\na.b: Modifications complete after 2s\n"
        )
    assert terraform.applied_so_far(deployment) == "2 of 4"


def test_nothing_at_the_endpoint_is_one_clear_line(tmp_path, capsys):
    arguments = ["deploy", "--endpoint", "http://127.0.0.1:9", "--folder", str(tmp_path)]

    assert main(arguments) == 1
    assert capsys.readouterr().err == (
        "deploy: nothing answers at http://127.0.0.1:9: start the local cloud with `make local-up`\n"
    )


def test_a_missing_terraform_is_one_line_that_says_what_to_install(deployment, no_terraform):
    with pytest.raises(TerraformError) as missing:
        stack.deploy(deployment)
    assert str(missing.value) == (
        "Terraform is missing: install Terraform 1.6 or later: https://developer.hashicorp.com/terraform/install"
    )


def test_an_old_terraform_is_one_line_that_says_what_to_install(deployment, monkeypatch, tmp_path):
    answer = 'echo \'{"terraform_version": "1.5.7"}\''
    monkeypatch.setenv("PATH", program(tmp_path / "bin", answer), prepend=":")

    with pytest.raises(TerraformError, match=r"Terraform 1\.5\.7 is too old: install Terraform 1\.6"):
        stack.deploy(deployment)


def test_a_failed_run_is_told_in_a_line_with_its_errors_and_its_log(deployment, monkeypatch, tmp_path):
    said = "\n".join(
        [
            "╷",
            "│ Error: Resource precondition failed",
            "│ ",
            '│   on functions.tf line 61, in resource "aws_s3_object" "package":',
            "│   61:       condition     = fileexists(each.value)",
            "│ ",
            "│ dist/summarize.zip is missing:",
            "│ run `make package`.",
            "╵",
        ]
    )
    monkeypatch.setenv("PATH", program(tmp_path / "bin", f"cat <<'END'\n{said}\nEND\nexit 1"), prepend=":")
    deployment.folder.mkdir()

    with pytest.raises(TerraformError) as failed:
        terraform.run(deployment, "apply")

    assert str(failed.value) == (
        "terraform apply: Resource precondition failed: dist/summarize.zip is missing: run `make package`. "
        f"(log: {deployment.log})"
    )
    assert deployment.log.read_text().strip() == said


def test_the_outputs_are_those_of_the_last_deploy(deployment, no_terraform):
    deployed(deployment)
    assert stack.outputs(deployment) == OUTPUTS


def test_no_outputs_before_a_deploy(deployment):
    with pytest.raises(TerraformError, match="nothing is deployed: run `make deploy`"):
        stack.outputs(deployment)


def test_a_destroy_of_nothing_starts_no_terraform_and_drops_the_stamp(deployment, no_terraform, capsys):
    deployed(deployment)

    stack.destroy(deployment)

    assert "nothing to destroy" in capsys.readouterr().out
    assert not deployment.stamp.exists()


@pytest.mark.parametrize(
    "name",
    [
        "some.host/hashicorp/aws/5.100.0/{platform}/terraform-provider-aws_v5.100.0_x5",
        "other.host/hashicorp/aws/terraform-provider-aws_5.100.0_{platform}.zip",
    ],
)
def test_a_mirror_is_known_by_its_provider_unpacked_or_packed(monkeypatch, tmp_path, name):
    file = tmp_path / name.format(platform=platform_name())
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.setenv("TF_PLUGIN_DIR", str(tmp_path))

    assert find_mirror("5.100.0") == tmp_path
    with pytest.raises(TerraformError, match=r"holds no hashicorp/aws 5\.99\.0"):
        find_mirror("5.99.0")


def test_a_mirror_in_a_usual_place_is_found(monkeypatch, tmp_path):
    file = tmp_path / f"terraform/plugins/a.host/hashicorp/aws/0.0.1/{platform_name()}/provider"
    file.parent.mkdir(parents=True)
    file.touch()
    monkeypatch.delenv("TF_PLUGIN_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert find_mirror("0.0.1") == tmp_path / "terraform/plugins"
    assert find_mirror("0.0.2") is None


FAKE_PLAN = "\\nTerraform will perform the following actions\\nPlan: 3 to add, 0 to change.\\n"
FAKE_AWS = """
echo "$@ endpoint=$AWS_ENDPOINT_URL key=$AWS_ACCESS_KEY_ID" >> "{calls}"
case "$*" in
    *version*) echo '{{"terraform_version": "1.11.4"}}' ;;
    *" plan "*) printf '{plan}' ;;
    *" output "*) echo '{{"state_machine_arn": {{"value": "arn:1"}}, "region": {{"value": "us-east-1"}}}}' ;;
    *) echo "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." ;;
esac
"""


@pytest.fixture
def aws(deployment, monkeypatch, tmp_path):
    """A deployment to AWS of the small tree, with a terraform that notes how it is called; a file of its calls."""
    calls = tmp_path / "calls"
    monkeypatch.setenv(
        "PATH", program(tmp_path / "bin", FAKE_AWS.format(calls=calls, plan=FAKE_PLAN)), prepend=":"
    )
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:4566")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    for name in ("YES", "DROP_ARTIFACTS"):
        monkeypatch.delenv(name, raising=False)
    (deployment.infra / "aws.tfvars").write_text("")
    return Deployment("aws", "", tmp_path / "aws", tmp_path), calls


def test_a_deploy_to_aws_shows_the_plan_and_applies_nothing_where_nobody_can_be_asked(
    aws, monkeypatch, capsys
):
    deployment, calls = aws
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))

    with pytest.raises(TerraformError, match="Nobody to ask: run it in a terminal, or with YES=1"):
        stack.deploy(deployment)
    assert "Plan: 3 to add" in capsys.readouterr().out
    assert " apply " not in calls.read_text()


@pytest.mark.parametrize("answer", ["no", "y", ""])
def test_only_yes_applies_a_plan_to_aws(aws, monkeypatch, answer):
    deployment, calls = aws
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: answer)

    with pytest.raises(TerraformError, match="not agreed to, nothing was changed"):
        stack.deploy(deployment)
    assert " apply " not in calls.read_text()


def test_an_agreed_plan_is_applied_to_aws_and_no_local_setting_reaches_it(aws, monkeypatch):
    deployment, calls = aws
    monkeypatch.setenv("YES", "1")

    assert stack.deploy(deployment)["state_machine_arn"] == "arn:1"
    made = calls.read_text().splitlines()[1:]
    assert [line.split()[1] for line in made] == ["init", "plan", "apply", "output"]
    for line in made:
        assert line.endswith("endpoint= key=AKIAEXAMPLE")
        assert "local.tfvars" not in line
        assert f"-chdir={tmp_root(deployment)}/infra" in line
    assert f"-var-file={deployment.infra}/aws.tfvars -var=local_endpoint=false" in made[1]
    assert str(deployment.plan_file) in made[2]
    assert not (deployment.working / "local.tfvars").exists()


def tmp_root(deployment):
    return deployment.folder / "root"


@pytest.mark.parametrize("what", ["will be destroyed", "must be replaced"])
def test_a_deploy_that_would_remove_a_bucket_is_refused_before_anybody_is_asked(aws, monkeypatch, what):
    """An old state with create_data_bucket = false, or another name: Terraform alone would plan it and say so once."""
    deployment, calls = aws
    monkeypatch.setenv("YES", "1")
    plan = f'\\nTerraform will perform\\n  # aws_s3_bucket.this["data"] {what}\\nPlan: 0 to add, 1 to destroy.\\n'
    monkeypatch.setenv(
        "PATH", program(deployment.folder / "bin", FAKE_AWS.format(calls=calls, plan=plan)), prepend=":"
    )

    with pytest.raises(
        TerraformError, match="this would remove the data bucket with what is in it; nothing was changed"
    ):
        stack.deploy(deployment)
    assert " apply " not in calls.read_text()


def test_the_outputs_on_aws_are_those_of_its_state(aws, monkeypatch):
    deployment, calls = aws
    with pytest.raises(TerraformError, match="nothing is deployed to AWS: run `make deploy TARGET=aws`"):
        stack.outputs(deployment)
    assert not calls.exists()

    deployment.state(None).write_text("{}")
    assert stack.outputs(deployment) == {"state_machine_arn": "arn:1", "region": "us-east-1"}
    assert [line.split()[1] for line in calls.read_text().splitlines()[1:]] == ["init", "output"]


def test_a_remote_state_is_used_by_aws_alone(aws, deployment, monkeypatch):
    on_aws, calls = aws
    monkeypatch.setenv("YES", "1")
    (on_aws.infra / "backend.hcl").write_text('bucket = "states"')

    stack.deploy(on_aws)
    assert f"-backend-config={on_aws.infra}/backend.hcl -reconfigure" in calls.read_text()
    assert "-state=" not in calls.read_text()
    assert (on_aws.working / "backend.tf").exists()
    assert not (on_aws.infra / "backend.tf").exists()
    assert deployment.backend is None


@pytest.mark.parametrize("key", ["test", "LOCALCLOUD0123456789ABCDEF"])
def test_the_local_clouds_keys_are_refused_on_the_way_to_aws(aws, monkeypatch, key):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)

    with pytest.raises(TerraformError, match="AWS_ACCESS_KEY_ID is a local cloud's"):
        stack.deploy(aws[0])


def test_aws_without_settings_of_its_own_is_one_clear_line(aws):
    (aws[0].infra / "aws.tfvars").unlink()

    with pytest.raises(TerraformError, match=r"infra/aws\.tfvars is missing: copy"):
        stack.deploy(aws[0])


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ({"brew", "apt-get"}, "brew install hashicorp/tap/terraform"),
        ({"apt-get"}, "sudo apt-get install terraform"),
        ({"dnf"}, "sudo dnf install terraform"),
        (set(), "https://developer.hashicorp.com/terraform/install"),
    ],
)
def test_a_missing_terraform_is_told_with_the_systems_own_command(there, told):
    found = how_to_install(lambda tool: tool if tool in there else None)
    assert found.endswith(told)
    assert "\n" not in found
