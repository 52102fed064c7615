from publish_artifact.card.data import data
from publish_artifact.card.lineage import lineage


def test_dropped_rows_and_the_cells_they_were_dropped_for_are_told_apart(published, subject_of):
    artifact = published("iris")
    problems = {"not a number": 7, "ragged row": 2}
    html = data(subject_of(artifact, dataset=artifact["dataset"] | {"invalid_rows": 6, "problems": problems}))
    assert "6 rows were dropped, for what stood in them:" in html
    assert "7 cells: not a number" in html
    assert "2 rows: ragged" in html


def test_of_a_folder_the_objects_are_counted(published, subject_of):
    artifact = published("iris")
    folder = artifact["dataset"] | {"key": "data/iris/", "version_id": None, "objects": 3}
    subject = subject_of(artifact, dataset=folder)
    assert "<code>s3://ml-data-demo/data/iris/</code>, a folder of 3 objects, has 150 rows" in data(subject)
    told = lineage(subject)
    assert "SHA-256 of the list of objects and their versions" in told
    assert folder["etag"] in told
    assert "S3 version id" not in told
    assert "a folder" not in data(subject_of(artifact))


def test_rows_with_missing_cells_were_used(published, subject_of):
    artifact = published("penguins")
    holes = [column["statistics"]["missing"] for column in artifact["columns"] if "statistics" in column]
    html = data(subject_of(artifact))
    assert f"{sum(holes)} cells in {sum(map(bool, holes))} columns are missing: their rows were used" in html


def test_a_column_that_is_not_read_says_why(published, subject_of):
    artifact = published("iris")
    columns = [*artifact["columns"], {"name": "row <id>", "role": "left_out", "reason": "counts up by one"}]
    html = data(subject_of(artifact, columns=columns))
    assert "<bdi>row &lt;id&gt;</bdi></th><td>counts up by one</td>" in html
