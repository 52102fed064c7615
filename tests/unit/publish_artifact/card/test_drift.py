from publish_artifact.card.drift import before


def test_the_model_before_is_named_beside_this_one_on_the_same_rows(full, subject_of):
    html = before(subject_of(full("candles")))
    assert "The current model was <code>0123456789ab</code>, measured on the same test rows." in html
    assert '<th scope="row">Log loss</th>' in html
    assert "0.500" in html
    assert "Columns gone: <bdi>&lt;gone&gt;</bdi>." in html
    assert "was left out and is number." in html
    assert "Moved by more than chance makes of unchanged data: <bdi>" in html


def test_why_nothing_was_compared_is_said(published, subject_of):
    artifact = published("iris")
    current = 64 * "b"
    why = "it reads a column <x> that is not there"
    lineage = artifact["lineage"] | {
        "regression": {"compared": False, "why_not": why, "current": current, "metrics": {}},
        "drift": {"against": None, "why_not": "its artifact has no profiles"},
    }
    html = before(subject_of(artifact, lineage=lineage))
    assert (
        "The current model was <code>bbbbbbbbbbbb</code>. It was not compared: it reads a column &lt;x&gt;"
        in html
    )
    assert "Its data were not compared: its artifact has no profiles." in html


def test_figures_of_its_own_test_rows_are_named_so(full, subject_of):
    artifact = full("candles")
    own = artifact["lineage"]["regression"] | {"compared": False, "why_not": "no max_regression asks for it"}
    html = before(subject_of(artifact | {"lineage": artifact["lineage"] | {"regression": own}}))
    assert "measured on its own test rows, and not on these: no max_regression asks for it." in html
    assert "Each on its own test rows" in html


def test_a_first_model_has_none_before_it(published, subject_of):
    artifact = published("iris")
    assert (
        before(subject_of(artifact, lineage=artifact["lineage"] | {"regression": None, "drift": None})) == ""
    )
