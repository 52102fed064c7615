"""What a person reads off a card, by ticks and labels and bars, is what the artifact says."""

import copy
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from reading import Figure, bars, cells, figure, name_in
from scipy.stats import norm
from sklearn.metrics import auc

from publish_artifact.card.confusion import confusion
from publish_artifact.card.data import data
from publish_artifact.card.dependence import dependence
from publish_artifact.card.drift import before
from publish_artifact.card.groups import groups
from publish_artifact.card.importance import what_matters
from publish_artifact.card.measure import normal_curves
from publish_artifact.card.profiles import profiles
from publish_artifact.card.ranking import ranking
from publish_artifact.card.verdict import judged, limits
from shared.proportions import wilson_interval

CARDS = Path(__file__).parents[3] / "data" / "cards"
NEAR = 0.004  # of a unit square 292 wide, with places of one decimal


@pytest.fixture
def artifact():
    return json.loads((CARDS / "candles.json").read_bytes())


@pytest.fixture
def mixed():
    return json.loads((CARDS / "mixed.json").read_bytes())


def read(found: Figure, points: list[tuple[float, float]]) -> np.ndarray:
    across, up = found.across(), found.up()
    return np.array([(across(x), up(y)) for x, y in points])


def test_the_roc_curve_and_its_area(artifact, subject_of):
    roc = artifact["evaluation"]["curves"][0]["roc"]
    found = figure(ranking(subject_of(artifact)), "ROC curve")
    (line,) = found.lines("alone")
    points = read(found, line)
    expected = np.array([roc["false_positives"], roc["true_positives"]]).T
    assert points == pytest.approx(expected / expected[-1], abs=NEAR)
    assert auc(*points.T) == pytest.approx(roc["area"], abs=NEAR)
    assert f"{roc['area']:.3f}" in found.svg.find("desc").text
    assert read(found, found.lines("guide")[0]) == pytest.approx(np.array([[0, 0], [1, 1]]), abs=NEAR)


def test_the_rings_are_where_the_confusion_matrix_says(artifact, subject_of):
    html = ranking(subject_of(artifact))
    matrix = artifact["evaluation"]["confusion_matrix"]
    labels, counts = matrix["labels"], matrix["counts"]
    own = labels.index(artifact["evaluation"]["positive_class"])
    found, missed = counts[own][own], counts[own][1 - own]
    wrong, right = counts[1 - own][own], counts[1 - own][1 - own]
    roc, curve = figure(html, "ROC curve"), figure(html, "Precision and recall")
    assert read(roc, roc.dots("stroke"))[0] == pytest.approx(
        [wrong / (wrong + right), found / (found + missed)], abs=NEAR
    )
    per_class = artifact["evaluation"]["per_class"][labels[own]]
    assert read(curve, curve.dots("stroke"))[0] == pytest.approx(
        [per_class["recall"], per_class["precision"]], abs=NEAR
    )


def test_every_recall_has_its_precision_on_the_curve_and_chance_is_the_share_of_the_class(
    artifact, subject_of
):
    entry = artifact["evaluation"]["curves"][0]["precision_recall"]
    found = figure(ranking(subject_of(artifact)), "Precision and recall")
    (line,) = found.lines("alone")
    corners = read(found, line)
    for recall, precision in zip(entry["recall"], entry["precision"], strict=True):
        assert np.abs(corners - [recall, precision]).max(axis=1).min() < NEAR
    per_class = artifact["evaluation"]["per_class"]
    share = per_class[artifact["evaluation"]["positive_class"]]["support"] / sum(
        each["support"] for each in per_class.values()
    )
    assert read(found, found.lines("guide")[0])[:, 1] == pytest.approx([share, share], abs=NEAR)
    assert "average precision 0.710" in ranking(subject_of(artifact))


def test_a_bin_of_the_reliability_curve_stands_at_its_share_with_wilson_s_interval(artifact, subject_of):
    bins = {"rows": [0, 40, 10, 100], "hits": [0, 10, 10, 70], "mean_probability": [None, 0.25, 0.5, 0.75]}
    artifact["evaluation"]["curves"][0]["reliability"] = bins
    html = ranking(subject_of(artifact))
    found = figure(html, "Reliability of the probabilities")
    (line,) = found.lines("alone")
    assert read(found, line) == pytest.approx(np.array([[0.25, 0.25], [80 / 110, 80 / 110]]), abs=NEAR)
    for (x, low), (same, high) in [read(found, path) for path in found.lines("stroke")]:
        assert x == same
        rows, hits = (40, 10) if x < 0.5 else (110, 80)
        assert (low, high) == pytest.approx(wilson_interval(hits, rows), abs=NEAR)
    small, large = (float(dot.get("r")) for dot in found.svg.iter("circle"))
    assert (large - 3) / (small - 3) == pytest.approx((110 / 40) ** 0.5, abs=0.05)  # areas go by rows
    assert (
        "said 25.0%, was 25.0% of 40 rows, 95% interval 14.2% to 40.2%; said 72.7%, was 72.7% of 110 rows"
        in html
    )


def test_partial_dependence_of_numbers_and_of_categories(mixed, subject_of):
    html = dependence(subject_of(mixed))
    for entry in mixed["explanation"]["partial_dependence"]:
        expected = entry["probabilities"]["churned"]
        found = figure(html, entry["column"])
        if entry["kind"] == "category" or entry["kind"] == "flag":
            across = found.across()
            drawn = [across(float(row.find("circle").get("cx"))) for row in found.rows()]
            assert [name_in(row) for row in found.rows()] == entry["values"]
        else:
            (line,) = found.lines("alone")
            up, ends = found.up(), (line[0][0], line[-1][0])
            drawn = [up(y) for _, y in line]
            steps = [(x - ends[0]) / (ends[1] - ends[0]) for x, _ in line]
            values = np.array(entry["values"])
            assert steps == pytest.approx((values - values[0]) / np.ptp(values), abs=NEAR)
        assert drawn == pytest.approx(expected, abs=0.01)
        least, most = min(expected), max(expected)
        words = found.svg.find("desc").text
        assert f"least {100 * least:.1f}% at" in words
        assert f"most {100 * most:.1f}% at" in words


def test_the_scale_of_partial_dependence_is_a_little_wider_than_what_is_drawn(mixed, subject_of):
    entries = mixed["explanation"]["partial_dependence"]
    every = [p for entry in entries for p in entry["probabilities"]["churned"]]
    shown = f"{100 * (min(every) - 0.02):.1f}% to {100 * (max(every) + 0.02):.1f}%"
    assert f"All charts have one scale, {shown}." in dependence(subject_of(mixed))
    for entry in entries:
        entry["probabilities"]["churned"] = [0.0, 1.0] * (len(entry["values"]) // 2) + [0.5] * (
            len(entry["values"]) % 2
        )
    assert "one scale, 0.0% to 100.0%." in dependence(subject_of(mixed))


@pytest.mark.parametrize("name", ["candles", "penguins", "mixed"])
def test_a_histogram_s_areas_are_the_shares_of_its_bins(name, subject_of):
    artifact = json.loads((CARDS / f"{name}.json").read_bytes())
    html = profiles(subject_of(artifact))
    columns = artifact["profiles"]["columns"]
    drawn = [column for column in columns if "edges" in columns[column] and f'">{column}</title>' in html]
    assert drawn
    for column in drawn:
        profile, found = columns[column], figure(html, column)
        (middle,) = {y for line in found.lines("axis") for _, y in line}
        outlines = [outline_shares(line, middle) for line in found.lines("thin")]
        expected = [
            np.array(counts[1:-1]) / sum(counts) * (1 if side == "train" else -1)
            for side in ("train", "test")
            for class_ in subject_of(artifact).classes_by_rows()
            if sum(counts := profile[side].get(class_, [0]))
        ]
        # one scale for all: drawn areas are shares times one factor
        factor = np.abs(outlines[0]).sum() / np.abs(expected[0]).sum()
        for outline, shares in zip(outlines, expected, strict=True):
            assert outline / factor == pytest.approx(shares, abs=0.01)


def outline_shares(line: list[tuple[float, float]], middle: float) -> np.ndarray:
    """Signed areas between an outline and the middle line, bin by bin."""
    tops = [(a, b) for a, b in pairwise(line[1:-1]) if a[1] == b[1] and b[0] > a[0]][::1]
    return np.array([(b[0] - a[0]) * (middle - a[1]) for a, b in tops])


def test_bars_of_categories_are_their_shares_train_to_the_left_test_to_the_right(mixed, subject_of):
    html = profiles(subject_of(mixed))
    profile = mixed["profiles"]["columns"]["channel"]
    lengths = {"train": [], "test": []}
    for row in figure(html, "channel").rows():
        starts = bars(row)
        middles = {round(start + length, 1) for start, length, kind in starts if "train" in kind}
        assert middles == {start for start, _, kind in starts if "test" in kind}
        for side in lengths:
            lengths[side].append([length for _, length, kind in starts if side in kind])
    order = subject_of(mixed).classes_by_rows()
    longest = max(max(line) for side in lengths.values() for line in side)
    shares = {
        side: np.array([np.array(profile[side][name]) / sum(profile[side][name]) for name in order]).T
        for side in lengths
    }
    highest = max(found.max() for found in shares.values())
    for side, drawn in lengths.items():
        assert np.array(drawn) / longest == pytest.approx(shares[side] / highest, abs=NEAR)


def test_groups_stand_with_their_intervals_between_the_ends_of_the_axis(artifact, subject_of):
    found = figure(groups(subject_of(artifact)), f"By {artifact['groups'][0]['column']}")
    (left, _, low), (right, _, high) = found.texts()[0], found.texts("end")[0]
    assert high == "100.0%"

    def value(x: float) -> float:
        lowest = float(low.rstrip("%")) / 100
        return lowest + (1 - lowest) * (x - left) / (right - left)

    for row, group in zip(found.rows(), artifact["groups"][0]["groups"], strict=True):
        (start, _), (end, _) = Figure(row).lines("stroke")[0]
        assert (value(start), value(end)) == pytest.approx(group["interval"], abs=NEAR)
        assert value(float(row.find("circle").get("cx"))) == pytest.approx(group["accuracy"], abs=NEAR)
    overall = found.lines("guide")[0][0][0]
    assert value(overall) == pytest.approx(artifact["metrics"]["accuracy"], abs=NEAR)


def test_bars_and_whiskers_of_what_matters_go_by_the_rise_and_its_deviation(artifact, subject_of):
    permutation = artifact["explanation"]["permutation"]
    permutation["groups"] = []
    for i, column in enumerate(permutation["columns"]):
        column |= {"mean": 0.25 - 0.1 * i, "deviation": 0.02 * (i + 1), "group": None}
    found = figure(what_matters(subject_of(artifact)), "Rise in log loss where a column is shuffled")
    zero = found.lines("axis")[0][0][0]
    scales = []
    for row, column in zip(found.rows(), permutation["columns"], strict=True):
        ((start, length, _),) = bars(row)
        mean, deviation = column["mean"], column["deviation"]
        end = start + length if mean > 0 else start
        (low, _), (high, _) = Figure(row).lines("stroke")[0]
        scales += [(end - zero) / mean, (high - low) / (2 * deviation)]
        assert (low + high) / 2 == pytest.approx(end, abs=0.2)
        assert row.findall("text")[1].text == f"{mean:+.3f}"
        assert name_in(row) == column["name"]
    assert scales == pytest.approx([scales[0]] * len(scales), rel=0.02)


def test_bars_of_the_model_s_own_measure_go_by_its_numbers(mixed, subject_of):
    found = figure(what_matters(subject_of(mixed)), "The model's own measure")
    zero = found.lines("axis")[0][0][0]
    drawn = []
    for row in found.rows():
        ((start, length, kind),) = bars(row)
        value = float(row.findall("text")[1].text)
        assert kind == f"f{subject_of(mixed).series(subject_of(mixed).classes[int(value > 0)])}"
        drawn.append(((start + length - zero) if value > 0 else (start - zero), value))
    ((largest, most), *_) = drawn
    assert [place / largest for place, _ in drawn] == pytest.approx(
        [value / most for _, value in drawn], abs=0.01
    )
    (numbers,) = [entry["values"] for entry in mixed["explanation"]["measure"]["numbers"]]
    strongest = sorted(numbers, key=abs, reverse=True)[: len(drawn)]
    assert [value for _, value in drawn] == pytest.approx(strongest, abs=0.006)


def test_normal_curves_are_densities_on_one_scale(artifact, subject_of):
    curves = {
        name: {curve["class"]: curve for curve in of_column}
        for name, of_column in artifact["explanation"]["measure"]["curves"].items()
    }
    html = normal_curves(subject_of(artifact))
    order = subject_of(artifact).classes_by_rows()
    statistics = {column["name"]: column.get("statistics") for column in artifact["columns"]}
    drawn = [name for name in curves if f">{name}</title>" in html and statistics.get(name)]
    assert len(drawn) >= 3
    for name in drawn:
        of_column, found = curves[name], figure(html, name)
        bottom = found.lines("axis")[0][0][1]
        spans = [
            (c["mean"] - 3.5 * c["deviation"], c["mean"] + 3.5 * c["deviation"]) for c in of_column.values()
        ]
        low = max(statistics[name]["min"], min(span[0] for span in spans))
        high = min(statistics[name]["max"], max(span[1] for span in spans))
        tallest = max(norm.pdf(0) / c["deviation"] for c in of_column.values())
        for i, class_ in enumerate(order):
            mean, deviation = of_column[class_]["mean"], of_column[class_]["deviation"]
            (line,) = found.lines(f"s{i}")
            for x, y in line[:: len(line) // 7]:
                value = low + (high - low) * (x - 14) / (346 - 14)
                assert (bottom - y) / 112 == pytest.approx(
                    norm.pdf(value, mean, deviation) / tallest, abs=0.02
                )


def test_a_class_whose_values_are_all_equal_is_a_spike_where_they_are(artifact, subject_of):
    column = next(iter(artifact["explanation"]["measure"]["curves"]))
    statistics = next(c["statistics"] for c in artifact["columns"] if c["name"] == column)
    statistics |= {"min": 0.0, "max": 8.0}
    artifact["explanation"]["measure"]["curves"][column] = [
        {"class": "0", "mean": 4.0, "deviation": 2.0},
        {"class": "1", "mean": 2.0, "deviation": 0.0},
    ]
    found = figure(normal_curves(subject_of(artifact)), column)
    (spike,) = found.lines(f"s{subject_of(artifact).series('1')}")
    assert np.array(spike) == pytest.approx(np.array([(14 + 332 / 4, 128.0), (14 + 332 / 4, 16.0)]), abs=0.1)
    (bell,) = found.lines(f"s{subject_of(artifact).series('0')}")
    assert min(y for _, y in bell) == pytest.approx(16.0, abs=0.1)


def test_bars_and_marks_of_drift_are_on_one_scale(artifact, subject_of):
    drift = artifact["lineage"]["drift"]
    found = figure(before(subject_of(artifact)), "How far they moved")
    entries = [*drift["features"], {"name": "the classes", "psi": 0.02, "chance": 0.03}]
    zero = found.lines("axis")[0][0][0]
    for row, entry in zip(found.rows(), entries, strict=True):
        ((start, length, _),) = bars(row)
        assert start == zero
        assert length / (300 - zero) == pytest.approx(entry["psi"] / 0.3, abs=0.01)
        mark = Figure(row).lines("stroke")[0][0][0]
        assert (mark - zero) / (300 - zero) == pytest.approx(entry["chance"] / 0.3, abs=0.01)
        assert name_in(row) == entry["name"]
        assert row.findall("text")[1].text == f"{entry['psi']:.3f}"


def test_bars_of_classes_are_their_rows_with_the_share_of_all(mixed, subject_of):
    found = figure(data(subject_of(mixed)), "Rows of each class")
    entries = sorted(mixed["classes"], key=lambda entry: -entry["rows"])
    total = sum(entry["rows"] for entry in entries)
    whole = 258 - 126
    for row, entry in zip(found.rows(), entries, strict=True):
        (start, train, pale), (second, test, solid) = bars(row)
        assert (start, second) == pytest.approx((126, 126 + train), abs=0.11)
        scale = whole / entries[0]["rows"]
        assert (train, test) == pytest.approx(
            (entry["train_rows"] * scale, (entry["rows"] - entry["train_rows"]) * scale), abs=0.11
        )
        assert pale.endswith("train")
        assert solid.endswith("test")
        assert row.findall("text")[1].text == f"{entry['rows']} ({entry['rows'] / total:.1%})"


def test_percentages_of_tables_are_hundredths(artifact, subject_of):
    html = before(subject_of(artifact)) + groups(subject_of(artifact))
    drift = artifact["lineage"]["drift"]
    shares = cells(html, "Share of each class, then and now")[1:]
    assert [line[1:] for line in shares] == [
        [f"{100 * entry['before']:.1f}%", "-"] for entry in drift["classes"]
    ]
    moved = cells(html, "Columns, those that moved most first")[1:]
    assert [line[1:] for line in moved] == [
        [f"{entry['psi']:.3f}", f"{entry['chance']:.3f}", "0.0%", f"{100 * entry['missing_now']:.1f}%"]
        for entry in drift["features"]
    ]


def test_the_shade_of_a_count_is_its_share_of_the_line(artifact, subject_of):
    artifact["evaluation"]["confusion_matrix"]["counts"] = [[30, 10], [0, 0]]
    html = confusion(subject_of(artifact))
    assert '--share:0.750" class=hit>30<' in html
    assert '--share:0.250">10<' in html
    assert html.count("--share:0.000") == 2
    assert html.count("class=hit") == 2


# verdict bounds: what counts as speaking for the model, and from where on a figure is few or small


def comparison(low: float, p_value: float | None = None) -> dict:
    return {
        "what": "log loss", "model": 0.4, "reference": 0.5, "against": "x", "difference": 0.1,
        "interval": [low, 0.2], "p_value": p_value, "method": "m",
    }  # fmt: skip


@pytest.mark.parametrize(("low", "limits_it"), [(0.0001, False), (0.0, True), (-0.1, True)])
def test_a_difference_whose_interval_reaches_zero_limits_the_model(low, limits_it, artifact, subject_of):
    verdict = artifact["verdict"] | {"comparisons": [comparison(low)], "reasons": ["About it.", "Besides."]}
    html = judged(subject_of(artifact, verdict=verdict))
    assert ("<li>About it.</li>" in html) is limits_it
    assert "<li>Besides.</li>" in html


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.00099, "&lt; 0.001"), (0.001, "0.001"), (0.0495, "0.050"), (None, "-"), (1.0, "1.000")],
)
def test_a_p_value_below_a_thousandth_is_called_so(value, shown, artifact, subject_of):
    verdict = artifact["verdict"] | {"comparisons": [comparison(0.05, value)], "reasons": ["About it."]}
    (line,) = cells(
        judged(subject_of(artifact, verdict=verdict)), "Judged on the same test rows, pair by pair"
    )[1:]
    assert line[1:] == ["0.400", "0.500", "+0.100 +0.050 to +0.200", shown]


@pytest.mark.parametrize(("rows", "few"), [(99, True), (100, False)])
def test_fewer_than_a_hundred_test_rows_are_few(rows, few, artifact, subject_of):
    split = artifact["split"] | {"test_rows": rows}
    assert any("few to test on" in text for text in limits(subject_of(artifact, split=split))) is few


@pytest.mark.parametrize(("count", "rest"), [(5, ""), (6, " and 1 more"), (9, " and 4 more")])
def test_five_classes_without_test_rows_are_named(count, rest, artifact, subject_of):
    names = [f"c{i}" for i in range(count)]
    evaluation = copy.deepcopy(artifact["evaluation"]) | {"only_in_train": names}
    named = ", ".join(f"<bdi>{name}</bdi>" for name in names[:5])
    assert f"No test row had the class {named}{rest}." in limits(subject_of(artifact, evaluation=evaluation))
