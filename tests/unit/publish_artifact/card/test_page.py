"""The model card: says first what a model is worth, escapes all names, and follows from the artifact alone."""

import csv
import io
import json
import random
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from card_members import with_members
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from publish_artifact.card.measure import FEATURES_SHOWN
from publish_artifact.card.page import model_card
from publish_artifact.places import card_of
from shared.canonical_json import canonical_json
from shared.contracts import S3Reference
from shared.model.predictor import model_in
from summarize.explaining.explanation import own_explanation

HOSTILE = "<img src=x onerror=alert(1)>"
BREAKOUT = "\"' onload=alert(2) </svg></title><script>alert(3)</script>"
VOID = {"meta", "br", "img", "link"}


class Page(HTMLParser):
    """Tags that are open at the end, all elements with their attributes, and the text of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.open, self.elements, self.text = [], [], []
        self.feed(content.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    def all(self, tag: str) -> list[dict]:
        return [attributes for name, attributes in self.elements if name == tag]


def csv_of(header: list[str], rows: list[list]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue().encode()


def first_words(card: bytes) -> str:
    """What the page says first."""
    text = "".join(Page(card[card.index(b"<body>") : card.index(b"</html>")]).text)
    return next(line for line in text.splitlines() if line.strip())


@pytest.fixture(scope="session")
def hostile(publish_content) -> bytes:
    draw = random.Random(1)
    rows = [
        [draw.gauss(i % 2, 1), draw.gauss(0, 1) if i % 50 else "NA", f"<b>{i}", (HOSTILE, BREAKOUT)[i % 2]]
        for i in range(300)
    ]
    content = csv_of([HOSTILE, '"><script>alert(4)</script>', "text</style>", "lab\"'<b>"], rows)
    return publish_content(content, label_column="lab\"'<b>", max_invalid_rows=0.1)


@pytest.mark.parametrize("covariance", ["diagonal", "pooled", "full"])
@pytest.mark.parametrize("name", ["iris", "wine", "penguins", "candles"])
def test_the_card_is_a_whole_page_that_loads_and_runs_nothing(name, covariance, full):
    page = Page(model_card(canonical_json(full(name, covariance=covariance))))
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not page.all("src")
    assert all(a["href"].startswith("#") for _, a in page.elements if "href" in a)


def test_the_same_artifact_gives_the_same_bytes(full):
    content = canonical_json(full("iris"))
    assert model_card(content) == model_card(content)
    assert model_card(canonical_json(json.loads(content))) == model_card(content)


def test_names_from_the_data_are_text_and_never_markup(hostile):
    page = Page(model_card(canonical_json(with_members(json.loads(hostile)))))
    assert page.open == []
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert HOSTILE in "".join(page.text)


def test_every_figure_is_well_formed_and_described_in_words(hostile, full):
    for content in (hostile, *(canonical_json(full(name)) for name in ("iris", "penguins", "candles"))):
        drawings = re.findall(r"<svg viewBox.*?</svg>", model_card(content).decode(), re.DOTALL)
        figures = [ElementTree.fromstring(drawing) for drawing in drawings]
        described = [figure for figure in figures if figure.get("role") == "img"]
        assert len(described) >= 5
        assert all(figure.get("aria-hidden") == "true" for figure in figures if figure not in described)
        for figure in described:
            assert figure.find("title").text
            assert len(figure.find("desc").text) > 10
            labelled = figure.get("aria-labelledby").split()
            assert labelled == [figure.find("title").get("id"), figure.find("desc").get("id")]


def test_headings_descend_one_by_one_and_every_table_has_a_caption(full):
    page = Page(model_card(canonical_json(full("penguins"))))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) >= 6
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("outcome", "tone", "words"),
    [
        ("better", "good", "better"),
        ("not_shown", "unclear", "not shown to be better"),
        ("worse", "bad", "worse"),
        ("cannot_be_judged", "unclear", "cannot be judged"),
    ],
)
def test_the_verdict_comes_first_in_the_words_of_everywhere(outcome, tone, words, full):
    artifact = full("iris")
    artifact["verdict"]["outcome"] = outcome
    card = model_card(canonical_json(artifact))
    assert first_words(card) == words
    assert f'<header class="{tone}">' in card.decode()
    assert f"<h1>{artifact['verdict']['sentence']}</h1>" in card.decode()


def test_what_limits_it_holds_the_reasons_that_do_not_speak_for_it(full):
    card = model_card(canonical_json(full("iris"))).decode()
    assert "<li>Right on 83.0%, always answering the best on 81.0%: may be chance.</li>" in card
    assert "<li>It answers one class to every test row.</li>" in card
    assert "<li>Log loss 0.412" not in card


def test_every_member_has_its_section_in_order(full):
    page = Page(model_card(canonical_json(full("candles"))))
    anchors = [attributes["id"] for attributes in page.all("section")]
    assert anchors == [
        "what-limits-it-most",
        "what-it-goes-by",
        "thresholds-and-ranking",
        "what-it-confuses",
        "metrics",
        "the-columns-by-class",
        "errors-by-group",
        "beside-the-model-before",
        "the-data-as-it-was-used",
        "where-it-comes-from",
        "use-this-model",
    ]
    assert [link["href"] for link in page.all("a")] == [f"#{anchor}" for anchor in anchors]


@pytest.mark.parametrize("refit_all", [True, False])
def test_a_model_fitted_once_more_after_its_evaluation_is_said_to_be(refit_all, published):
    text = " ".join(Page(model_card(canonical_json(published("iris", refit_all=refit_all)))).text)
    assert ("fitted once more, on train and test rows" in text) == refit_all


def test_what_a_split_by_time_left_out_is_said_before_any_figure(publish_content):
    draw = random.Random(4)
    rows = [[draw.gauss(0, 1), "late<b>" if i >= 90 else "ab"[i % 2]] for i in range(100)]
    card = model_card(publish_content(csv_of(["x", "label"], rows), split="chronological")).decode()
    warning = card.index("The split by time leaves no train row of class &#x27;late&lt;b&gt;&#x27;")
    assert warning < card.index('class="key"')


@pytest.mark.parametrize(
    "file", sorted((Path(__file__).parents[3] / "data" / "artifacts").glob("*.json")), ids=str
)
def test_an_artifact_of_an_older_version_has_a_card_without_what_it_has_not_got(file):
    content = file.read_bytes()
    artifact = json.loads(content)
    page = Page(model_card(content, artifact.get("explanation") or own_explanation(model_in(artifact))))
    assert page.open == []
    anchors = [attributes["id"] for attributes in page.all("section")]
    assert {"what-it-goes-by", "metrics", "use-this-model"} <= set(anchors)
    if artifact["schema_version"] < 3:
        assert first_words(model_card(content, own_explanation(model_in(artifact)))).startswith("Not judged")
        assert not {"errors-by-group", "the-columns-by-class"} & set(anchors)


def test_one_feature_and_many_features_of_many_classes(publish_content):
    draw = random.Random(5)
    one = csv_of(["x", "label"], [[draw.gauss(i % 2, 1), "ab"[i % 2]] for i in range(60)])
    assert Page(model_card(publish_content(one, covariance="full"))).open == []
    rows = [[*(draw.gauss((i * j) % 5, 1) for j in range(40)), f"class {i % 25}"] for i in range(1000)]
    content = publish_content(csv_of([*(f"x{j}" for j in range(40)), "label"], rows))
    card = model_card(canonical_json(with_members(json.loads(content))))
    assert f"The {FEATURES_SHOWN} of 40 features that matter most are shown." in card.decode()
    assert "5 more, in the artifact" in card.decode()
    assert len(card) < 250_000


def test_extreme_numbers_have_a_card(publish_content):
    draw = random.Random(6)
    rows = [[1e30 * draw.gauss(i % 2, 1), 1e-30 * draw.random(), "ab"[i % 2]] for i in range(80)]
    for covariance in ("diagonal", "pooled", "full"):
        content = publish_content(csv_of(["big", "small", "label"], rows), covariance=covariance)
        text = model_card(content).decode()
        assert not re.search(r"\b(nan|inf)\b", text)


@pytest.mark.parametrize("name", ["candles", "iris"])
def test_standardised_coefficients_are_scikit_learn_s(name, published_numbers, data_files):
    artifact = published_numbers(name, split="chronological", test_size=0.001)
    with data_files[name].open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = [column["name"] for column in artifact["signature"]["inputs"]]
    X = np.array([[float(row[column]) for column in names] for row in rows])
    y = np.array([row[artifact["request"]["label_column"]] for row in rows])
    train = slice(artifact["split"]["train_rows"])
    fitted = LinearDiscriminantAnalysis(solver="lsqr").fit(X[train], y[train])
    scale = np.sqrt(np.diag(fitted.covariance_))
    expected = fitted.coef_ * scale
    if len(fitted.classes_) > 2:
        expected = expected - np.average(expected, axis=0, weights=fitted.priors_)
    assert np.array(list(model_in(artifact).importance().numbers.values())) == pytest.approx(
        expected, rel=1e-6
    )


def test_the_card_lies_beside_the_version():
    version = S3Reference("artifacts", "models/m/versions/abc.json")
    assert card_of(version) == S3Reference("artifacts", "models/m/versions/abc.card.html")
