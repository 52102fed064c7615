"""The Terraform configuration by itself: formatted, valid, and strict about its variables."""

import re
import subprocess

import pytest
from raised_errors import PERMANENT

from model_service_cli.deploy import terraform
from model_service_cli.deploy.target import TerraformError
from model_service_cli.files import ROOT
from shared import telemetry
from shared.config import Config

TESTS = ROOT / "tests/infra"


def source(name: str) -> str:
    return (ROOT / "infra" / name).read_text()


def test_the_configuration_is_formatted():
    formatted = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", ROOT / "infra"], capture_output=True, text=True
    )
    assert (formatted.returncode, formatted.stdout) == (0, "")


def test_the_configuration_is_valid_even_before_anything_is_built(deployment):
    assert "The configuration is valid." in terraform.run(deployment, "validate")


WRONG_VALUES = {
    "training_data_bucket": "Data_Bucket",
    "training_data_key": "no-folder.csv",
    "training_artifact_bucket": "x",
    "training_artifact_key": "models/*",
    "runs_retention_days": "0.5",
    "name_prefix": "Model Service",
    "region": "frankfurt",
    "training_data_account": "1234",
    "permissions_boundary_arn": "boundary",
    "data_noncurrent_days": "0",
    "former_kms_key_arns": '["alias/old"]',
    "data_kms_key_arns": '["alias/data"]',
    "upload_input": '{"key": "data/a.csv"}',
    "rejected_emails": '["nobody"]',
    "heartbeat_hours": "169",
    "lambda_architecture": "riscv",
    "lambda_memory_mb": "64",
    "lambda_timeout_seconds": "901",
    "summarize_memory_mb": "64",
    "summarize_timeout_seconds": "901",
    "lambda_ephemeral_storage_mb": "100",
    "log_retention_days": "2",
    "state_machine_log_level": "DEBUG",
    "shard_bytes": "1048575",
    "range_cells": "4095",
    "map_max_concurrency": "0",
    "range_max_concurrency": "0",
    "provisioned_concurrency": "-1",
    "kms_key_arn": "alias/aws/s3",
    "trigger_suffixes": '["*"]',
    "schedule_expression": "every day",
    "schedule_timezone": "Europe / Berlin",
    "schedule_input": "[]",
    "alarm_emails": '["nobody"]',
}
# The other end of the same ranges.
TOO_MUCH = WRONG_VALUES | {
    "shard_bytes": "2147483649",
    "range_cells": "134217729",
    "map_max_concurrency": "10001",
    "range_max_concurrency": "10001",
}


@pytest.mark.parametrize("wrong", [WRONG_VALUES, TOO_MUCH], ids=["wrong", "too much"])
def test_every_wrong_value_is_refused_before_anything_is_called(deployment, wrong):
    values = [f"-var={name}={value}" for name, value in wrong.items()]
    deployment.log.unlink(missing_ok=True)  # runs append to it

    with pytest.raises(TerraformError) as refused:
        terraform.run(deployment, "plan", "-input=false", "-refresh=false", *values)

    log = deployment.log.read_text()
    assert "terraform plan: Invalid value for variable: " in str(refused.value)
    assert log.count("Error: ") == log.count("Error: Invalid value for variable") == len(wrong)
    assert [name for name in wrong if f'variable "{name}"' not in log] == []


def test_the_variables_make_what_they_say_in_every_combination(tested):
    said = terraform.run(tested, "test", "-filter=tests/variables.tftest.hcl")

    runs = re.findall(r'(?m)^run "', (TESTS / "variables.tftest.hcl").read_text())
    assert f"Success! {len(runs)} passed, 0 failed." in said


def test_every_variable_has_a_description_a_type_and_a_default():
    blocks = re.findall(r'(?ms)^variable "(\w+)" \{\n(.*?)^\}', source("variables.tf"))

    assert len(blocks) == source("variables.tf").count("\nvariable ")
    for name, body in blocks:
        for setting in ("description", "type", "default"):
            assert re.search(rf"(?m)^  {setting} +=", body), f"{name} has no {setting}"


def test_every_output_has_a_description():
    for name, body in re.findall(r'(?ms)^output "(\w+)" \{\n(.*?)^\}', source("outputs.tf")):
        assert re.search(r"(?m)^  description +=", body), name


def test_the_defaults_of_the_data_and_the_artifact_are_those_of_the_functions():
    defaults = dict(
        re.findall(
            r'(?m)^variable "(training_\w+_(?:bucket|key))" \{(?:\n.*?){3} default += "(.*?)"',
            source("variables.tf"),
        )
    )
    assert defaults == {
        "training_data_bucket": Config.data_bucket,
        "training_data_key": Config.data_key,
        "training_artifact_bucket": Config.artifact_bucket,
        "training_artifact_key": Config.artifact_key,
    }


@pytest.mark.parametrize("name", ["shard_bytes", "range_cells"])
def test_the_default_size_of_a_shard_and_of_a_range_is_that_of_the_functions(name):
    (default,) = re.findall(rf'(?ms)^variable "{name}" \{{.*?default += (\d+)', source("variables.tf"))
    assert int(default) == getattr(Config, name)


ON_ALL_RESOURCES = re.compile(
    r"xray:.*|logs:.*(Delivery|Deliveries|ResourcePolicy|ResourcePolicies|DescribeLogGroups)"
)


def test_only_actions_without_resources_of_their_own_are_allowed_on_all_resources(rendered):
    statements = [
        statement
        for policies in rendered.values()
        for policy in policies.values()
        for statement in policy.statements
        if statement.allow
    ]

    widest = {
        action for statement in statements if "*" in statement.resources for action in statement.actions
    }
    assert {action for action in widest if not ON_ALL_RESOURCES.fullmatch(action)} == set()
    assert "xray:PutTraceSegments" in widest
    assert [action for statement in statements for action in statement.actions if "*" in action] == []


def test_the_maps_may_start_follow_and_redrive_executions_of_its_own_machine_only():
    allowed = dict(
        re.findall(r'actions += (\[[^]]*"states:[^]]*\])\n +resources += (.*)\n', source("iam.tf"))
    )

    assert allowed == {
        '["states:StartExecution"]': "[local.state_machine_arn]",
        '["states:DescribeExecution", "states:StopExecution"]': (
            "concat(local.execution_arns.plain, local.execution_arns.items)"
        ),
        '["states:RedriveExecution"]': "local.execution_arns.items",
    }
    assert source("iam.tf").count('"states:') == 4


def test_no_name_of_a_service_is_made_of_the_partitions_own_suffix():
    """In aws-cn it is amazonaws.com.cn, and kms:ViaService and the principals of services end in amazonaws.com."""
    assert [file.name for file in (ROOT / "infra").glob("*.tf") if "dns_suffix" in file.read_text()] == []


def test_the_errors_that_are_told_as_refused_are_the_permanent_ones():
    (named,) = re.findall(r"(?s)permanent_errors = \[(.*?)\]", source("monitoring.tf"))

    assert set(re.findall(r'"(\w+)"', named)) == PERMANENT


def test_the_dashboard_reads_the_namespace_that_the_functions_write_to():
    assert f'metrics_namespace = "{telemetry.METRICS_NAMESPACE}"' in source("monitoring.tf")


def test_the_local_settings_stay_in_their_file():
    files = [file.name for file in (ROOT / "infra").glob("*.tf") if "localhost" in file.read_text()]
    assert files == []
    assert re.search(r'(?ms)^variable "local_endpoint" \{.*?default += false', source("variables.tf"))


def test_the_examples_for_aws_name_variables_that_exist():
    known = set(re.findall(r'(?m)^variable "(\w+)"', source("variables.tf")))
    for file in ("aws.tfvars.example", "local.tfvars"):
        named = set(re.findall(r"(?m)^(?:# )?(\w+) +=", source(file)))
        assert named
        assert named <= known
