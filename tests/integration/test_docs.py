"""The commands in docs/, run in a fresh copy of the repository against the tests' own deployment, page by page."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ["architecture.md", "request.md", "operating.md", "adding-a-step.md", "decisions.md"]
# Deployed is the pipeline of the tests; the README's own test deploys with these targets.
DEPLOYED = "make -o deploy "


def commands(page: str) -> list[str]:
    """The commands in a page's bash blocks, a block within a list included. One in a block of sh cannot be run."""
    text = (ROOT / "docs" / page).read_text()
    blocks = re.findall(r"^( *)```bash\n(.*?)^\1```", text, re.DOTALL | re.MULTILINE)
    lines = "".join(block for _, block in blocks).replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines]


@pytest.fixture(scope="module")
def run(pipeline, sample, tmp_path_factory, copy_repository):
    """A shell in a copy of the repository, after two executions that succeeded."""
    copy = tmp_path_factory.mktemp("docs")
    copy_repository(copy)
    for request in ({"key": sample, "test_size": 0.4}, {"key": sample, "test_size": 0.45}):
        assert pipeline.execute(request)["status"] == "SUCCEEDED"

    def run(command: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | pipeline.cloud.variables
        return subprocess.run(
            ["bash", "-c", command], cwd=copy, env=environment, capture_output=True, text=True, timeout=120
        )

    return run


def test_the_docs_have_commands():
    assert {page for page in PAGES if commands(page)} == {"request.md", "operating.md", "adding-a-step.md"}
    assert "make runs" in commands("operating.md")


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_every_command_of_a_page_works(run, page):
    for command in commands(page):
        done = run(re.sub(r"^make ", DEPLOYED, command))
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_what_cannot_be_run_has_its_reason_before_it(page):
    text = (ROOT / "docs" / page).read_text()
    for before in text.split("```sh\n")[:-1]:
        assert "Not run by the tests" in before.rstrip().rpartition("\n\n")[2]


@pytest.mark.parametrize("page", PAGES)
def test_every_target_that_a_page_names_is_in_the_makefile(page):
    named = set(
        re.findall(r"(?:`|^ *)make ([a-z][a-z-]+[a-z])\b", (ROOT / "docs" / page).read_text(), re.MULTILINE)
    )
    defined = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    # The step of the worked example is in nobody's Makefile.
    assert named - {"invoke"} <= defined


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    text = (ROOT / "docs" / page).read_text()
    for target, anchor in re.findall(r"\]\(([^)#:]*)(#[^)]*)?\)", text):
        linked = ROOT / "docs" / (target or page)
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE)
            assert anchor[1:] in {
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings
            }


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_exists(page):
    """Paths in backquotes that begin with a folder of the repository; the worked example's own are left out."""
    text = (ROOT / "docs" / page).read_text()
    folders = "functions|statemachine|infra|scripts|tests|docs|requirements|schemas"
    named = set(re.findall(rf"`((?:{folders})/[\w./-]+)`", text))
    assert [name for name in named if "export_model" not in name and not (ROOT / name).exists()] == []
