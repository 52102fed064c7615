"""What became of a range: found again, told with its error, and never another's."""

import pytest

from shared.errors import DatasetChangedError, InvalidDatasetError, InvalidRequestError
from shared.run_files import RunFiles
from summarize.rows.range_results import ResultKind

FILES = RunFiles("artifacts", "run")
PLACES = [FILES.range_summary(index) for index in range(40)]


@pytest.fixture
def results(storage) -> ResultKind:
    return ResultKind(storage, "run", "range_summary", {"plan": "ab"})


def test_results_are_read_in_order_and_found_again(results):
    for index, place in enumerate(PLACES):
        assert results.write(place, lambda index=index: {"rows": index}) == {"rows": index}
    assert list(results.read(PLACES)) == [{"rows": index} for index in range(40)]
    assert results.find(PLACES[3]) == {"rows": 3}


@pytest.mark.parametrize("error", [InvalidDatasetError("no row", 7), DatasetChangedError("a part is gone")])
def test_an_error_of_the_data_is_raised_where_results_are_read_and_is_no_result_to_be_found(results, error):
    def fails() -> dict:
        raise error

    results.write(PLACES[0], lambda: {"rows": 1})
    assert results.write(PLACES[1], fails) is None
    assert results.find(PLACES[1]) is None
    with pytest.raises(type(error), match=str(error)):
        list(results.read(PLACES[:3]))


def test_any_other_error_is_the_item_s_own(results, storage):
    def fails() -> dict:
        raise InvalidRequestError("no such column")

    with pytest.raises(InvalidRequestError):
        results.write(PLACES[0], fails)
    assert storage.artifact_keys() == []


def test_what_is_made_of_something_else_of_another_run_or_altered_is_as_good_as_none(results, storage):
    results.write(PLACES[0], lambda: {"rows": 1})
    (key,) = storage.objects
    altered = storage.objects[key].replace(b'"rows":1', b'"rows":2')
    others = [
        ResultKind(storage, "run", "range_summary", {"plan": "cd"}),
        ResultKind(storage, "another", "range_summary", {"plan": "ab"}),
        ResultKind(storage, "run", "range_moments", {"plan": "ab"}),
    ]
    for other in others:
        assert other.find(PLACES[0]) is None
        with pytest.raises(
            DatasetChangedError, match=r"range-00000/summary\.json is gone, or not as the run wrote it"
        ):
            list(other.read(PLACES[:1]))
    storage.objects[key] = altered
    assert results.find(PLACES[0]) is None
    with pytest.raises(DatasetChangedError, match="start again with force"):
        list(results.read(PLACES[:1]))
