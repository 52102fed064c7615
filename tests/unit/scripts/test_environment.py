"""The shell side: the local environment, the AWS CLI wrapper, and how make hands on what a user gives."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"
TEMPLATE = (
    "#!{python}\nimport json, os, sys\nprint(json.dumps([sys.argv[1:], os.environ.get('AWS_CONFIG_FILE')]))\n"
)


def local_environment(**given: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    call = [ROOT / "scripts/local-env.sh", sys.executable, "-c", PRINT_ENVIRONMENT]
    done = subprocess.run(call, env=clean | given, capture_output=True, text=True, check=True, cwd="/")
    return json.loads(done.stdout)


def test_the_local_environment_comes_from_the_env_file():
    found = local_environment()
    assert found["AWS_ENDPOINT_URL"] == "http://localhost:4566"
    assert found["AWS_REGION"] == found["AWS_DEFAULT_REGION"] == "us-east-1"
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == ("test", "test")
    assert Path(found["AWS_CONFIG_FILE"]).samefile(ROOT / "scripts/aws-local.config")


def test_an_endpoint_in_the_shell_wins():
    assert (
        local_environment(AWS_ENDPOINT_URL="http://localhost:9")["AWS_ENDPOINT_URL"] == "http://localhost:9"
    )


def test_an_accounts_settings_stay_out():
    found = local_environment(
        AWS_PROFILE="production",
        AWS_ACCESS_KEY_ID="AKIAREAL",
        AWS_SECRET_ACCESS_KEY="real",
        AWS_SESSION_TOKEN="real",
        AWS_ENDPOINT_URL_S3="https://s3.amazonaws.com",
        AWS_ROLE_ARN="arn:aws:iam::1:role/admin",
        AWS_REGION="eu-central-1",
        AWS_SHARED_CREDENTIALS_FILE="/home/me/.aws/credentials",
    )
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_ROLE_ARN"} & found.keys()
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == ("test", "test")
    assert (found["AWS_REGION"], found["AWS_SHARED_CREDENTIALS_FILE"]) == ("us-east-1", "/dev/null")


@pytest.fixture
def keys(tmp_path):
    """The state directory of a local cloud that was started at a port of its own."""
    (tmp_path / "keys.env").write_text(
        "AWS_ENDPOINT_URL=http://localhost:4999\nAWS_ACCESS_KEY_ID=LOCALCLOUD1\nAWS_SECRET_ACCESS_KEY=secret\n"
    )
    return str(tmp_path)


@pytest.mark.parametrize(
    "endpoint", ["http://localhost:4999", "http://127.0.0.1:4999", "http://localhost:4999/"]
)
def test_the_keys_of_the_local_cloud_are_used_at_its_endpoint(keys, endpoint):
    found = local_environment(LOCAL_CLOUD_STATE=keys, AWS_ENDPOINT_URL=endpoint)
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == ("LOCALCLOUD1", "secret")
    assert found["AWS_ENDPOINT_URL"] == endpoint


@pytest.mark.parametrize(
    "endpoint", ["http://localhost:4566", "http://localhost:49990", "https://aws.example"]
)
def test_the_keys_of_the_local_cloud_go_nowhere_else(keys, endpoint):
    found = local_environment(LOCAL_CLOUD_STATE=keys, AWS_ENDPOINT_URL=endpoint)
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]) == ("test", "test")


def test_loopback_needs_no_proxy():
    found = local_environment(HTTP_PROXY="http://proxy:3128", NO_PROXY="intranet")
    assert found["NO_PROXY"] == "intranet,localhost,127.0.0.1"
    assert found["HTTP_PROXY"] == "http://proxy:3128"


def test_a_terraform_configuration_that_is_not_there_is_left_out(tmp_path):
    assert "TF_CLI_CONFIG_FILE" not in local_environment(TF_CLI_CONFIG_FILE=str(tmp_path / "none"))
    there = tmp_path / "terraformrc"
    there.touch()
    assert local_environment(TF_CLI_CONFIG_FILE=str(there))["TF_CLI_CONFIG_FILE"] == str(there)


def test_the_wrapper_passes_its_arguments_on_as_they_are(tmp_path):
    fake = tmp_path / "aws"
    fake.write_text(TEMPLATE.format(python=sys.executable))
    fake.chmod(0o755)
    arguments = ["lambda", "invoke", "--payload", '{"bucket": "a b", "x": "$HOME"}', "tmp/out file.json"]
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [ROOT / "scripts/aws-local.sh", *arguments],
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    passed, config = json.loads(done.stdout)
    assert passed == arguments
    assert "cli_binary_format = raw-in-base64-out" in Path(config).read_text()


def tools_in(folder: Path, *names: str) -> str:
    """A PATH of nothing but these tools of the system."""
    folder.mkdir(exist_ok=True)
    for name in names:
        there = (Path(place) / name for place in ("/bin", "/usr/bin", "/usr/local/bin"))
        (folder / name).symlink_to(next(path for path in there if path.exists()))
    return str(folder)


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def bare(tmp_path):
    """A repository of its set-up alone, on a machine without Python 3.13, curl, git or the AWS CLI."""
    repository = tmp_path / "repository"
    (repository / "scripts").mkdir(parents=True)
    for name in ("setup.sh", "aws-local.sh", "local-env.sh"):
        shutil.copy(ROOT / "scripts" / name, repository / "scripts" / name)
    shutil.copytree(ROOT / "requirements", repository / "requirements")
    tools = tools_in(
        tmp_path / "bin", "bash", "dirname", "mkdir", "env", "sha256sum", "cat", "rm", "mktemp", "sed"
    )

    def run(*call: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": tools, "HOME": str(tmp_path)}
        return subprocess.run(call, cwd=repository, env=environment, capture_output=True, text=True)

    run.tools, run.repository = Path(tools), repository
    return run


# It makes `-c` scripts of setup.sh run with the tests' own Python, and makes no environment in earnest.
PYTHON_3_13 = f"""#!/bin/bash
case "$1" in
    -c) exec {sys._base_executable} "$@" ;;
    -m) echo "made by $0" >&2; exit 3 ;;
esac
"""


def test_a_missing_python_is_fetched_by_uv_into_the_repository(bare):
    (bare.repository / "python").write_text(PYTHON_3_13)
    script(
        bare.tools / "uv",
        '#!/bin/bash\n[ "$*" = "python install 3.13" ] || exit 9\nbin="$UV_PYTHON_INSTALL_DIR/cpython/bin"\n'
        'mkdir -p "$bin"; cat python >"$bin/python3.13"; /bin/chmod +x "$bin/python3.13"\n',
    )
    done = bare("bash", "scripts/setup.sh", "dev")
    assert "setup: Python 3.13 is missing; fetching it into .python\n" in done.stderr
    assert (bare.repository / ".python/cpython/bin/python3.13").exists()
    # It went on with what was fetched: what fails is the stand-in's venv.
    assert "development environment .venv: failed" in done.stderr


def test_without_uv_pip_of_any_python_brings_it(bare):
    script(bare.tools / "python3", '#!/bin/bash\n[ "$1" = -m ] && echo "$@" >>calls; exit 1\n')
    done = bare("bash", "scripts/setup.sh", "dev")
    assert done.returncode == 1
    assert (
        "--require-hashes --target .python/uv --requirement requirements/uv.lock"
        in (bare.repository / "calls").read_text()
    )
    assert done.stderr.startswith(
        "setup: Python 3.13 is missing, and there is no pip to fetch it with: install it ("
    )
    assert done.stderr.count("\n") == 1


def test_a_python_that_cannot_be_fetched_is_one_clear_line(bare):
    script(
        bare.tools / "uv", "#!/bin/bash\necho 'error: no route' >&2; echo '  cause: dns error' >&2; exit 2\n"
    )
    done = bare("bash", "scripts/setup.sh", "dev")
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert "its source is out of reach (cause: dns error): install it (" in said
    assert said.endswith("or name one with PYTHON=/path/to/python3.13")


def test_on_a_terminal_a_long_stage_of_the_set_up_moves(bare):
    script(bare.repository / "python", PYTHON_3_13.replace("-m) ", "-m) sleep 2; "))
    tools_in(bare.tools, "sleep")
    screen, terminal = pty.openpty()
    call = ["bash", "scripts/setup.sh", "dev"]
    environment = {"PATH": str(bare.tools), "HOME": "/", "PYTHON": "./python", "TERM": "xterm"}
    done = subprocess.run(
        call, cwd=bare.repository, env=environment, stdout=terminal, stderr=subprocess.PIPE, text=True
    )
    shown = os.read(screen, 10_000).decode().split("\r")
    os.close(screen)
    os.close(terminal)
    assert shown[0] == "setup: development environment .venv ..."
    assert re.fullmatch(r"setup: development environment \.venv \.\.\. [12] s", shown[1])
    assert "setup: development environment .venv ... failed" in shown
    assert "development environment .venv: failed, see above" in done.stderr


def test_where_no_aws_cli_is_installed_the_locked_one_is_made_and_used(bare):
    script(bare.repository / "scripts/setup.sh", "#!/bin/bash\necho setup.sh $*\n")
    aws = bare.repository / ".venv-awscli/bin/aws"
    aws.parent.mkdir(parents=True)
    script(aws, '#!/bin/bash\necho "$@ $AWS_CONFIG_FILE"\n')
    done = bare("bash", "scripts/aws-local.sh", "s3", "ls")
    assert (done.returncode, done.stderr) == (0, "setup.sh awscli\n")
    assert done.stdout == f"s3 ls {bare.repository}/scripts/aws-local.config\n"


def test_make_alone_lists_every_target():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = {
        line.split()[1] for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY:")
    }
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert listed == phony - {"check-request", "check-payload", "tools"}  # parts of others
    assert "help" in phony


@pytest.mark.parametrize("given", ["LABLE=species", "data=x.csv", "Json=yes"])
def test_an_option_that_make_does_not_know_is_refused_before_anything_is_done(given):
    call = ["make", "--no-print-directory", "--dry-run", "run-pipeline", given]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{given.partition('=')[0]}: no such option; there are DATA INPUT LABEL" in done.stderr


def test_make_knows_every_option_that_its_targets_use():
    text = (ROOT / "Makefile").read_text()
    exported = re.search(r"(?m)^export (.*)$", text)[1].split()
    known = re.search(r"(?s)\noptions := (.*?)\nunknown", text)[1].replace("\\", "").split()
    where_given = re.findall(r"\$\(if \$\(([A-Z_]+)\)", text) + re.findall(r"\$\${([A-Z_]+)\+", text)
    assert {*exported, *where_given} == set(known)


@pytest.mark.parametrize("value", ['{"a": "it\'s $HOME $(id) `id`"}', "a b; c.csv", "--x", '"', "$$ # \\ %"])
def test_make_hands_on_values_as_they_stand(tmp_path, value):
    """The real Makefile, with a recipe that prints the value instead of running a command."""
    probe = tmp_path / "probe.mk"
    probe.write_text(f'include {ROOT}/Makefile\n.PHONY: probe\nprobe:\n\t@printf "%s" "--input=$$INPUT"\n')
    call = ["make", "--no-print-directory", "-f", str(probe), "probe", f"INPUT={value}"]
    done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"--input={value}"


def test_make_test_runs_every_test_once():
    text = (ROOT / "Makefile").read_text()
    alone, together = (
        set(re.findall(r"[\w/]*tests[\w/]*", re.search(rf"(?m)^{name} := (.*)$", text)[1]))
        for name in ("one_by_one", "side_by_side")
    )
    assert {folder for folder in together if folder in alone} == together - {"tests/unit"}
    kept = {path.relative_to(ROOT).parts for path in (ROOT / "tests").rglob("test_*.py")}
    of_folders = {"/".join(parts[:2]) for parts in kept}
    assert of_folders <= alone | {"tests/unit"}
