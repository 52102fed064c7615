from publish_artifact.card.profiles import drawn_edges, profiles


def test_a_few_rows_far_out_leave_room_for_the_others():
    assert drawn_edges([-1000, 0, 1, 2, 3, 4]) == [-3, 0, 1, 2, 3, 4]
    assert drawn_edges([0, 1, 2, 3, 900]) == [0, 1, 2, 3, 6]
    assert drawn_edges([0, 1, 2, 3]) == [0, 1, 2, 3]
    assert drawn_edges([0, 500]) == [0, 500]


def test_a_column_is_drawn_by_class_train_rows_above_and_test_rows_below(published, subject_of):
    html = profiles(subject_of(published("iris")))
    assert html.count("<figure>") == 4
    assert html.count('class="f0 under"') == html.count('class="f0 over"') == 4
    assert "setosa: most often from 1" in html


def test_a_category_is_drawn_by_value_with_all_others_together(published, subject_of):
    artifact = published("penguins")
    column = {
        "kind": "category",
        "values": ["<b>"],
        "train": {"Adelie": [30, 10], "Gentoo": [0, 20], "Chinstrap": [0, 0]},
        "test": {"Adelie": [5, 5], "Gentoo": [0, 0], "Chinstrap": [0, 0]},
        "missing": {"train": 2, "test": 0},
    }
    html = profiles(subject_of(artifact, profiles={"columns": {"island": column}}))
    assert "&lt;b&gt; 75.0%, (any other) 25.0%" in html
    assert "Missing: train 2, test 0." in html
    assert '<rect class="f2' not in html  # a class without a row of the column


def test_test_rows_outside_of_what_the_train_rows_span_are_told(published, subject_of):
    artifact = published("iris")
    column = artifact["profiles"]["columns"]["sepal_length"]
    column["test"]["setosa"][-1] += 3
    assert "Outside of what train rows span: 3 rows." in profiles(subject_of(artifact))


def test_a_column_without_a_value_is_not_drawn(published, subject_of):
    empty = {"kind": "number", "edges": [], "train": {"setosa": [0]}, "test": {"setosa": [0]}}
    columns = {"x": empty | {"missing": {"train": 9, "test": 1}}}
    assert profiles(subject_of(published("iris"), profiles={"columns": columns})) == ""
