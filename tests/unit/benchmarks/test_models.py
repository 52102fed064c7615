from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score

from models import document, picture
from models.figures import at_least_about_the_best, figures, geometric_mean, interval
from models.runs import OURS, PEERS, TABLES

MODELS = (OURS, *PEERS)


def drawn(classes: int, rows: int = 60) -> tuple[list[str], list[str], np.ndarray]:
    rng = np.random.default_rng(classes)
    probabilities = rng.dirichlet(np.ones(classes), rows)
    names = [f"class {k}" for k in range(classes)]
    return [names[rng.choice(classes, p=row)] for row in probabilities], names, probabilities


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_figures_are_those_of_scikit_learn(classes):
    truth, names, p = drawn(classes)
    found = figures(truth, names, p.tolist())
    area = roc_auc_score(truth, p[:, 1]) if classes == 2 else roc_auc_score(truth, p, multi_class="ovr")
    assert found["log_loss"] == pytest.approx(log_loss(truth, p))
    assert found["roc_auc"] == pytest.approx(area)
    assert found["accuracy"] == pytest.approx(accuracy_score(truth, np.array(names)[p.argmax(axis=1)]))


def test_a_class_that_a_model_never_saw_costs_much_and_ends_nothing():
    found = figures(["a", "b", "new"], ["a", "b"], [[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]])
    assert found["log_loss"] > 10
    assert 0 < found["roc_auc"] < 1


def test_the_interval_holds_the_geometric_mean_and_is_the_same_each_time():
    ratios = [0.8, 0.9, 1.0, 1.1, 0.95, 1.02]
    low, high = interval(ratios)
    assert low < geometric_mean(ratios) < high
    assert interval(ratios) == (low, high)
    assert interval([0.9] * 5) == pytest.approx((0.9, 0.9))


def test_what_counts_as_about_the_best():
    ours, peers = {"x": 1.0, "y": 1.0, "z": 1.0}, [{"x": 0.99, "y": 0.9}, {"x": 1.5, "y": 2.0, "z": 1.1}]
    assert at_least_about_the_best(ours, peers, 0.0) == ["z"]
    assert at_least_about_the_best(ours, peers, 0.02) == ["x", "z"]


@pytest.fixture
def measured() -> dict:
    """Ours at 0.9 of the first peer, whatever the table."""
    losses = {model: 0.5 + 0.05 * max(place - 1, 0) for place, model in enumerate(MODELS)} | {OURS: 0.45}
    rest = {"roc_auc": 0.8, "accuracy": 0.7, "seconds": 2.0, "peak_mb": 100.0}
    return {
        "machine": {"processor": "a processor", "cores": 2, "python": "3.13.0"},
        "seeds": [1, 2, 3],
        "models": {
            model: {name: {"log_loss": loss, **rest} for name in TABLES} for model, loss in losses.items()
        },
    }


def test_the_page_says_ratio_interval_and_wins(measured):
    said = document.text(measured)
    assert f"{len(TABLES)} tables, 3 splits of each." in said
    assert (
        f"| {PEERS[0]} | 0.900 (0.90 to 0.90) | 0.900 (0.90 to 0.90) | {len(TABLES)} of {len(TABLES)} |"
        in said
    )
    assert f"the lowest log loss on {len(TABLES)} of {len(TABLES)} tables" in said
    assert said.count("**0.4500**") == len(TABLES)


def test_the_measured_part_replaces_what_was_there(measured):
    page = f"# Models\n{document.BEGIN}old\n{document.END}the rest\n"
    written = document.page(page, measured)
    assert "old" not in written
    assert document.page(written, measured) == written
    assert written.endswith("the rest\n")


def test_the_picture_is_the_same_each_time(measured, tmp_path):
    for name in ("a.svg", "b.svg"):
        picture.draw(measured, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_page_has_a_place_for_what_is_measured():
    page = Path(__file__).parents[3].joinpath("docs", "models.md").read_text()
    assert page.count(document.BEGIN) == page.count(document.END) == 1


def test_every_table_names_its_source_and_its_label():
    assert len(TABLES) >= 15
    for entry in TABLES.values():
        assert set(entry) <= {"source", "label", "leave_out"}
        assert "::" in entry["source"]
        assert entry["label"] not in entry.get("leave_out", ())
