"""The model card: says first what a model is worth, escapes all names, and follows from the artifact alone."""

import csv
import io
import json
import random
import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from publish_artifact.card.features import FEATURES_SHOWN
from publish_artifact.card.page import card_of, model_card
from publish_artifact.card.text import number
from publish_artifact.card.verdict import verdict
from shared.canonical_json import canonical_json
from shared.contracts import S3Reference
from shared.model.predictor import model_in

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
def test_the_card_is_a_whole_page_that_loads_and_runs_nothing(name, covariance, published):
    page = Page(model_card(canonical_json(published(name, covariance=covariance))))
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert not [a for _, a in page.elements if {"href", "src"} & set(a)]


def test_the_same_artifact_gives_the_same_bytes(published):
    content = canonical_json(published("iris"))
    assert model_card(content) == model_card(content)
    assert model_card(canonical_json(json.loads(content))) == model_card(content)


def test_names_from_the_data_are_text_and_never_markup(hostile):
    page = Page(model_card(hostile))
    assert page.open == []
    assert not {"script", "img"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert HOSTILE in "".join(page.text)


def test_every_figure_is_well_formed_and_described_in_words(hostile, published):
    for content in (hostile, canonical_json(published("iris"))):
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


def test_headings_descend_one_by_one_and_every_table_has_a_caption(published):
    page = Page(model_card(canonical_json(published("penguins"))))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.all("table")) == len(page.all("caption")) >= 6
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("low", "high", "worth", "words"),
    [
        (0.61, 0.7, "good", "This model is better than always answering"),
        (0.6, 0.7, "unclear", "This model is no better than always answering"),
        (0.5, 0.65, "unclear", "This model is no better than always answering"),
        (0.5, 0.59, "bad", "This model is worse than always answering"),
    ],
)
def test_the_interval_decides_what_the_model_is_worth(low, high, worth, words, published):
    artifact = published("iris")
    metrics = {"accuracy": (low + high) / 2, "accuracy_low": low, "accuracy_high": high}
    artifact["metrics"] |= metrics | {"baseline_accuracy": 0.6}
    found, sentence = verdict(artifact)
    assert found == worth
    assert sentence.startswith(words)
    assert first_words(model_card(canonical_json(artifact))).startswith(words)


def test_a_model_of_noise_is_said_to_be_no_better_in_the_first_line(publish_content):
    draw = random.Random(3)
    rows = [[draw.gauss(0, 1), draw.choice(["buy", "sell", "sell"])] for _ in range(900)]
    card = model_card(publish_content(csv_of(["x", "label"], rows)))
    assert first_words(card).startswith("This model is no better than always answering")


@pytest.mark.parametrize("refit_all", [True, False])
def test_a_model_fitted_once_more_after_its_evaluation_is_said_to_be(refit_all, published):
    text = " ".join(Page(model_card(canonical_json(published("iris", refit_all=refit_all)))).text)
    assert ("fitted once more, on train and test rows" in text) == refit_all


def test_what_a_split_by_time_left_out_is_said_first(publish_content):
    draw = random.Random(4)
    rows = [[draw.gauss(0, 1), "late<b>" if i >= 90 else "ab"[i % 2]] for i in range(100)]
    card = model_card(publish_content(csv_of(["x", "label"], rows), split="chronological"))
    said = first_words(card)
    assert said.startswith("The split by time leaves no train row of class 'late<b>'")
    assert '"split": "shuffled"' in said


def test_an_artifact_from_before_there_were_curves_has_a_card_too(published):
    artifact = published("iris")
    for name in ("curves", "intervals"):
        artifact["evaluation"].pop(name, None)
    page = Page(model_card(canonical_json(artifact)))
    assert page.open == []


def test_one_feature_and_many_features_of_many_classes(publish_content):
    draw = random.Random(5)
    one = csv_of(["x", "label"], [[draw.gauss(i % 2, 1), "ab"[i % 2]] for i in range(60)])
    assert Page(model_card(publish_content(one, covariance="full"))).open == []
    rows = [[*(draw.gauss((i * j) % 5, 1) for j in range(40)), f"class {i % 25}"] for i in range(1000)]
    card = model_card(publish_content(csv_of([*(f"x{j}" for j in range(40)), "label"], rows)))
    assert f"The {FEATURES_SHOWN} of 40 features that matter most are shown." in card.decode()
    assert "5 more, in the artifact" in card.decode()
    assert len(card) < 150_000


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


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (8727, "8,727"), (13970.4, "13,970"), (0.68929, "0.6893"), (1.0, "1"), (0.0, "0"),
     (-2.5, "-2.5"), (1e-9, "1e-09"), (100.0, "100"), (1.5e12, "1.5e+12")],
)  # fmt: skip
def test_numbers_have_four_digits(value, shown):
    assert number(value) == shown


def test_the_card_lies_beside_the_version():
    version = S3Reference("artifacts", "models/m/versions/abc.json")
    assert card_of(version) == S3Reference("artifacts", "models/m/versions/abc.card.html")
