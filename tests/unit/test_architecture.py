"""The layers, read from the imports: who may know whom, and what only one place may know."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
STEPS = {"fetch_and_validate", "summarize", "publish_artifact"}
PACKAGES = STEPS | {"shared"}
MODULES = sorted(path.relative_to(FUNCTIONS).as_posix() for path in FUNCTIONS.rglob("*.py"))
FAMILIES = {path.name for path in (FUNCTIONS / "shared/model").iterdir() if (path / "__init__.py").exists()}
# Whatever of ours is no test: what a person runs may import the functions, never the other way round.
OTHERS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("scripts/model_service_cli", "explore", "benchmarks", "docs/generate", "data")
    for path in (ROOT / folder).rglob("*.py")
)
BROUGHT_BY_THE_RUNTIME = {"boto3", "botocore"}
# What talks to AWS, and what calls it for a step. Every other module is pure.
ADAPTERS = {"shared/storage.py", "shared/previous_step.py"}
# The rooms that know rows and models know nothing of where those lie.
PURE_ROOMS = {"shared/csv_file", "shared/model"}
# Of Summarize, from the rows up to what is done with them: none knows a later one.
FLOORS = ("rows", "scoring", "choosing", "judging", "explaining", "summary", "tasks", "summarize", "handler")
PLACES = {"shared.storage", "shared.object_store", "shared.run_files", "shared.previous_step"}


def imports_of(path: Path) -> set[str]:
    """Full names of all modules that a module imports, wherever the import stands."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages_of(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imports_of(FUNCTIONS / module)}


def texts_in(path: Path) -> set[str]:
    """All string constants of a module, those in f-strings too, but for docstrings."""
    tree = ast.parse(path.read_text())
    documented = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    docstrings = {
        id(node.body[0].value) for node in documented if node.body and isinstance(node.body[0], ast.Expr)
    }
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    }


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
def test_nothing_imports_a_handler(module):
    assert not {name for name in imports_of(FUNCTIONS / module) if name.endswith(".handler")}


@pytest.mark.parametrize("room", sorted(PURE_ROOMS))
def test_reading_and_models_know_neither_each_other_nor_where_anything_lies(room):
    others = {other.replace("/", ".") for other in PURE_ROOMS - {room}}
    modules = [module for module in MODULES if module.startswith(f"{room}/")]
    assert modules
    for module in modules:
        known = imports_of(FUNCTIONS / module)
        assert not known & PLACES, module
        assert not {name for name in known for other in others if f"{name}.".startswith(f"{other}.")}, module


@pytest.mark.parametrize("module", [f"functions/{module}" for module in MODULES] + OTHERS)
def test_a_family_of_models_is_reached_through_the_registry_alone(module):
    families = {
        name.split(".")[2]
        for name in imports_of(ROOT / module)
        if name.startswith("shared.model.") and name.split(".")[2] in FAMILIES
    }
    own = {family for family in families if module.startswith(f"functions/shared/model/{family}/")}
    assert families <= (FAMILIES if module == "functions/shared/model/registry.py" else own)


@pytest.mark.parametrize("module", [f"functions/{module}" for module in MODULES] + OTHERS)
def test_only_run_files_spells_a_key_of_a_run(module):
    if module == "functions/shared/run_files.py":
        return
    spelled = {text for text in texts_in(ROOT / module) if "runs/" in text or "/shard-" in text}
    assert spelled == set()


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
    assert len(text.splitlines()) <= 250
    assert not text or ast.get_docstring(ast.parse(text))


OF_SUMMARIZE = [name for name in MODULES if name.startswith("summarize/") and name != "summarize/__init__.py"]


@pytest.mark.parametrize("module", OF_SUMMARIZE)
def test_summarize_is_read_from_the_rows_upwards(module):
    floor = module.removesuffix(".py").split("/")[1]
    known = {name.split(".")[1] for name in imports_of(FUNCTIONS / module) if name.startswith("summarize.")}
    assert known <= {*FLOORS[: FLOORS.index(floor) + 1]}
