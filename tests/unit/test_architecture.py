"""The layers, read from the imports: steps do not know each other, and pure modules know nothing of S3."""

import ast
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
STEPS = {"fetch_and_validate", "summarize", "publish_artifact"}
PACKAGES = STEPS | {"shared"}
MODULES = sorted(path.relative_to(FUNCTIONS).as_posix() for path in FUNCTIONS.rglob("*.py"))
BROUGHT_BY_THE_RUNTIME = {"boto3", "botocore"}
# What talks to AWS, and what calls it for a step. Every other module is pure.
ADAPTERS = {"shared/storage.py", "shared/previous_step.py"}


def imports_of(module: str) -> set[str]:
    """Full names of all modules that a module imports, wherever the import stands."""
    names = set()
    for node in ast.walk(ast.parse((FUNCTIONS / module).read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages_of(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imports_of(module)}


def test_the_steps_and_what_they_share_are_all_there_is():
    assert {module.partition("/")[0] for module in MODULES} == PACKAGES
    assert {f"{step}/handler.py" for step in STEPS} <= set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_no_step_imports_another_and_shared_imports_no_step(module):
    own = module.partition("/")[0]
    assert packages_of(module) & STEPS <= {own}


@pytest.mark.parametrize("module", MODULES)
def test_functions_need_only_the_standard_library_and_boto3(module):
    assert packages_of(module) <= sys.stdlib_module_names | BROUGHT_BY_THE_RUNTIME | PACKAGES


@pytest.mark.parametrize("module", MODULES)
def test_only_the_adapters_know_aws(module):
    if module in ADAPTERS:
        assert packages_of(module) & BROUGHT_BY_THE_RUNTIME
    else:
        assert not packages_of(module) & BROUGHT_BY_THE_RUNTIME


@pytest.mark.parametrize("module", MODULES)
def test_a_family_of_models_is_reached_through_the_registry_alone(module):
    families = {path.parent.name for path in (FUNCTIONS / "shared" / "model").glob("*/__init__.py")}
    assert "gaussian" in families
    own = module.removeprefix("shared/model/").partition("/")[0]
    if module != "shared/model/registry.py":
        found = {name.split(".")[2] for name in imports_of(module) if name.count(".") > 1}
        assert found & families <= {own}


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("shared/model/")])
def test_a_model_knows_nothing_of_files_requests_and_csv(module):
    allowed = {"shared.model", "shared.errors", "shared.event_fields", "shared.exact", "shared.mergeable"}
    found = {".".join(name.split(".")[:2]) for name in imports_of(module) if name.startswith("shared.")}
    assert found <= allowed


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_a_handler(module):
    assert not {name for name in imports_of(module) if name.endswith(".handler")}


@pytest.mark.parametrize("module", MODULES)
def test_only_the_configuration_reads_the_environment(module):
    reads = {
        node.attr
        for node in ast.walk(ast.parse((FUNCTIONS / module).read_text()))
        if isinstance(node, ast.Attribute)
    }
    assert module == "shared/config.py" or not reads & {"environ", "getenv"}


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_handler_fits_a_screen(step):
    assert len((FUNCTIONS / step / "handler.py").read_text().splitlines()) <= 60


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is_for_and_stays_readable(module):
    text = (FUNCTIONS / module).read_text()
    assert len(text.splitlines()) <= 300
    assert not text or ast.get_docstring(ast.parse(text))
