"""The pages of runs that succeeded, failed, were rejected, still run: what stands first, and what stands once."""

import re
from html import unescape

import pytest
import traced_runs


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return traced_runs.pages()


def words(page: str) -> str:
    page = page.replace("<wbr/>", "")
    return " ".join(unescape(re.sub(r"<(style|script)[^>]*>.*?</\1>|<[^>]+>", " ", page, flags=re.S)).split())


def test_a_run_that_published_leads_to_its_card_and_its_artifact(pages):
    assert re.search(
        r'<a href="../cards/bc4748ee8618.html">card of model bc4748ee8618</a>', pages["succeeded"]
    )
    assert re.search(r'<a href="../artifacts/bc4748ee8618.json">its artifact</a>', pages["succeeded"])
    assert "published as bc4748ee8618" in words(pages["succeeded"])


def test_a_failed_run_says_where_it_stopped_its_data_and_its_label(pages):
    said = words(pages["failed"])
    assert "FetchAndValidate: InvalidDatasetError: label_column 'nope' is not a column" in said
    assert "data s3://ml-data-demo/data/penguins.csv" in said
    assert "label nope" in said


def test_a_rejected_run_shows_its_own_figures_verdict_and_data(pages):
    said = words(pages["rejected"])
    assert "ModelRejectedError: accuracy 0.9855 is below min_accuracy 0.99" in said
    assert "run 22584772fa37092b96d4" in said
    assert "accuracy 0.9855 0.4348" in said
    assert "Verdict: Better than a constant answer on 69 test rows" in said
    assert "log loss 0.0162 1.0538" in said
    assert "rows 344 used" in said
    assert "model logistic regression, C = 3" in said


def test_what_was_published_before_comes_after_the_runs_own_figures(pages):
    """Seen: the first metrics on the page of a run that found its work done were the previous model's."""
    for name in ("succeeded", "rejected", "many-shards"):
        assert pages[name].index("0.9855") < pages[name].index("0.1111")
    # In a payload, too: `run`, with what was there before it, is its last member.
    for payload in re.findall(r"<pre[^>]*>(\{.*?)</pre>", unescape(pages["succeeded"]), re.S):
        if '"metrics": {' in payload and '"accuracy": 0.9855' in payload:
            assert payload.index("0.9855") < payload.index("0.1111")


def test_an_equal_payload_is_a_link_to_the_one_that_is_shown(pages):
    page = pages["succeeded"]
    assert re.search(r'Equal to <a href="#(state-1-\d)">the output of FetchAndValidate</a>', page)
    shown = [text for text in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.S) if len(text) > 100]
    assert len(shown) == len(set(shown))
    anchors = set(re.findall(r'href="#([^"]+)"', page))
    assert anchors <= set(re.findall(r'id="([^"]+)"', page))


def test_ids_are_given_once(pages):
    for page in pages.values():
        ids = re.findall(r' id="([^"]+)"', page)
        assert len(ids) == len(set(ids))


def test_only_a_page_of_a_run_that_goes_on_loads_itself_again(pages):
    assert '<body data-renewed-every="2">' in pages["running"]
    assert "Keep it still" in pages["running"]
    for name in pages.keys() - {"running"}:
        assert '<body data-renewed-every="0">' in pages[name]
        assert "Keep it still" not in pages[name]


def test_each_log_says_how_to_get_all_its_lines(pages):
    assert "All its lines: make logs FIND=summarize" in words(pages["succeeded"])


def test_a_printed_page_keeps_its_bars(pages):
    style = pages["succeeded"].partition("<style>")[2].partition("</style>")[0]
    assert re.search(r"\.bar \{[^}]*print-color-adjust: exact", style)
    printed = style.partition("@media print {")[2]
    assert ".bar { border: 1px solid" in printed
    assert "@media screen and (prefers-color-scheme: dark)" in style  # so a print is on white paper
