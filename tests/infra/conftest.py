"""An initialised copy of the configuration, and what Terraform makes of it with a provider that makes nothing."""

import json
import shutil

import pytest
from policy_simulation import Policy

from model_service_cli.deploy import terraform
from model_service_cli.deploy.provider_mirror import find_mirror
from model_service_cli.deploy.target import Deployment
from model_service_cli.files import ROOT

COPIED = ("infra", "statemachine")
TESTS = ROOT / "tests/infra"


@pytest.fixture(scope="session")
def deployment(tmp_path_factory) -> Deployment:
    """An initialised copy of the configuration, so that the repository's own state is left alone."""
    root = tmp_path_factory.mktemp("configuration")
    for name in COPIED:
        ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    copied = Deployment("local", "http://127.0.0.1:9", root / "terraform", root)
    terraform.initialise(copied, "test")
    return copied


@pytest.fixture(scope="session")
def tested(deployment: Deployment) -> Deployment:
    """The same with the tests of `terraform test` in it (mock_provider, Terraform 1.7 or later) and packages."""
    tests = deployment.infra / "tests"
    shutil.copytree(TESTS, tests, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (deployment.root / "dist").mkdir()
    for step in ("fetch-and-validate", "summarize", "publish-artifact"):
        (deployment.root / f"dist/{step}.zip").write_bytes(b"code")
    mirror = find_mirror("5.100.0")
    terraform.run(deployment, "init", "-input=false", *([f"-plugin-dir={mirror}"] if mirror else []))
    return deployment


@pytest.fixture(scope="session")
def rendered(tested: Deployment) -> dict[str, dict[str, Policy]]:
    """Run of documents.tftest.hcl -> name of a policy, such as `step summarize` -> the policy."""
    said = terraform.run(tested, "test", "-json", "-verbose", "-filter=tests/documents.tftest.hcl")
    found = {}
    for message in map(json.loads, filter(lambda line: line.startswith('{"'), said.splitlines())):
        if message["type"] == "test_state":
            resources = message["test_state"]["root_module"]["resources"]
            found[message["@testrun"]] = {
                f"{resource['name']} {resource.get('index', '')}".strip(): Policy.rendered(resource["values"])
                for resource in resources
                if resource["type"] == "aws_iam_policy_document"
            }
    assert found.keys() == {"defaults", "everything"}, said[:1000]
    return found
