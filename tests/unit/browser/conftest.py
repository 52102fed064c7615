"""A real browser without a window, from the environment .venv-browser, and the pages that the repository makes.

Where `scripts/setup.sh browser` found no Chromium, and could get none, these tests are skipped with one line.
"""

import json
import os
import site
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import reported
import traced_runs
from card_members import with_members

from publish_artifact.card.page import model_card
from shared.canonical_json import canonical_json
from shared.model.predictor import model_in
from summarize.explaining.explanation import own_explanation

ROOT = Path(__file__).parents[3]
ROOM = ROOT / ".venv-browser"
HERE = Path(__file__).parent
missing: list[str] = []  # why there is no browser, for the one line


def chromium() -> Path | None:
    """The Chromium that the set-up has found or fetched."""
    told = ROOM / "browser"
    path = ROOT / told.read_text().strip() if told.exists() else None
    return path if path and os.access(path, os.X_OK) else None


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A Chromium that finds no host but this page's files."""
    executable = chromium()
    if executable is None:
        missing.append("no Chromium is installed, and none was to be had from npm: scripts/setup.sh browser")
        pytest.skip(missing[-1])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site.addsitedir(str(ROOM / "lib" / version / "site-packages"))
    from playwright.sync_api import sync_playwright

    environment: dict[str, str] = dict(os.environ)
    if executable.is_relative_to(ROOM):  # the one from npm brings its libraries and its font
        environment |= {
            "LD_LIBRARY_PATH": str(ROOM / "al2023" / "lib"),
            "FONTCONFIG_FILE": str(ROOM / "fonts" / "fonts.conf"),
        }
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=executable, env=environment, args=["--host-resolver-rules=MAP * ~NOTFOUND"]
        )
        yield found
        found.close()


@pytest.fixture
def opened(browser, tmp_path) -> Iterator[Callable[..., Any]]:
    """Opens a page of this HTML as a file, in a window of its own; what it asked for is `asked` of the answer."""
    contexts = []

    def open_page(content: str | bytes, **settings: Any) -> tuple[Any, list[str]]:
        file = tmp_path / "page.html"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        contexts.append(browser.new_context(offline=True, **settings))
        page = contexts[-1].new_page()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: asked.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: asked.append(f"error: {error}"))
        page.goto(file.as_uri())
        asked.remove(file.as_uri())
        return page, asked

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def pages(published) -> dict[str, str | bytes]:
    """The pages by name: cards of two and of three classes, with and without text columns, of old artifacts; traces;
    the report of all runs."""
    old = json.loads((ROOT / "tests/data/artifacts/wine_full_schema_1.json").read_bytes())
    return {
        "card, two classes": model_card(canonical_json(with_members(published("candles")))),
        "card, texts and holes": model_card(canonical_json(with_members(published("penguins")))),
        "card, schema 1": model_card(canonical_json(old), own_explanation(model_in(old))),
        "report": reported.report_page(),
        **{f"trace, {name}": page for name, page in traced_runs.pages().items()},
    }


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The one line."""
    for reason in missing[:1]:
        terminalreporter.write_line(f"The browser tests were skipped: {reason}")
