"""Rows found by their place, whatever shards and parts they lie in."""

from array import array
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.conftest import MemoryStorage

from shared.errors import DatasetChangedError
from shared.parts import Part, part_to_npz
from shared.run_files import VERSIONS, RunFiles, sealed, write_document
from summarize.rows.ranges import ranges_of
from summarize.rows.stored_rows import StoredRows

FILES = RunFiles("artifacts", "run")


def write_shard(storage, index: int, parts: list[list[str]], first: int) -> tuple[dict, list[dict]]:
    """A shard whose parts hold rows of these classes; its line in the manifest, and the entries of its parts."""
    entries = []
    for number, labels in enumerate(parts):
        names = tuple(dict.fromkeys(labels))
        codes = array("B", map(names.index, labels))
        content = part_to_npz(Part([array("d", range(first, first + len(labels)))], codes, names))
        place = FILES.part(index, number)
        storage.write(place, content, "")
        entries.append(
            {"key": place.key, "rows": len(labels), "classes": dict(Counter(labels))}
            | {"bytes": len(content), "sha256": sealed(place, content).sha256}
        )
        first += len(labels)
    document = {"shard_version": VERSIONS["shard"], "run_id": "run", "parts": entries}
    written = write_document(storage, FILES.shard_result(index), document)
    labels = [label for part in parts for label in part]
    line = {
        "key": written.key,
        "sha256": written.sha256,
        "rows": len(labels),
        "classes": dict(Counter(labels)),
    }
    return line, entries


def stored(
    labels: list[str], cuts: list[int], newest_first: bool = False, several: bool = True
) -> StoredRows:
    """Rows whose only column is their place in the storage; every second cut begins another shard."""
    storage = MemoryStorage()
    bounds = [0, *sorted(cuts), len(labels)]
    parts = [labels[a:b] for a, b in pairwise(bounds) if a < b]
    shards = [parts[i : i + 2] for i in range(0, len(parts), 2)] if several else [parts]
    if several:
        shards.insert(1, [])  # a shard may be left without a valid row
    lines, entries, first = [], [], 0
    for index, shard in enumerate(shards):
        line, of_shard = write_shard(storage, index, shard, first)
        lines.append(line)
        entries += of_shard
        first += line["rows"]
    manifest = {"run_id": "run", "report": {"rows": len(labels), "classes": dict(Counter(labels))}}
    manifest |= {"shards": lines, "parts": []} if several else {"shards": [], "parts": entries}
    return StoredRows(manifest, "artifacts", storage, newest_first)


@given(
    labels=st.lists(st.sampled_from("abc"), min_size=1, max_size=40),
    cuts=st.lists(st.integers(0, 40), max_size=6),
    size=st.integers(1, 15),
    newest_first=st.booleans(),
    several=st.booleans(),
)
def test_the_ranges_hold_all_rows_in_order_and_know_what_is_before_them(
    labels, cuts, size, newest_first, several
):
    rows = stored(labels, [min(cut, len(labels)) for cut in cuts], newest_first, several)
    order = list(enumerate(labels))[::-1] if newest_first else list(enumerate(labels))

    for one in ranges_of(len(labels), size):
        stretches = list(rows.stretches(one.first, one.end))
        for stretch in stretches:
            assert stretch.before == Counter(label for _, label in order[: stretch.first])
        parts = [stretch.part for stretch in stretches]
        found = [
            (int(x), part.classes[k])
            for part in parts
            for x, k in zip(part.columns[0], part.codes, strict=True)
        ]
        assert found == order[one.first : one.first + one.rows]
        assert rows.classes_before(one.first) == Counter(label for _, label in order[: one.first])
        first, end = rows.shards_of(one)
        assert 0 <= first < end
    assert rows.classes_before(len(labels)) == Counter(labels)


def test_of_a_range_only_its_own_parts_are_read():
    rows = stored(list("abcabcabc"), [3, 6])
    store = rows.store
    for key in [key for key in store.objects if key[1].endswith("shard-00000/part-00000.npz")]:
        del store.objects[key]

    assert [found.part.rows for found in rows.stretches(3, 8)] == [3, 2]
    with pytest.raises(DatasetChangedError, match=r"part-00000\.npz does not exist"):
        list(rows.stretches(0, 4))


def test_an_altered_result_of_a_shard_is_a_changed_dataset():
    rows = stored(list("abcabc"), [3])
    rows.store.put(b"{}", "artifacts", FILES.shard_result(0).key)

    with pytest.raises(DatasetChangedError, match="has other content than the run wrote there"):
        list(rows.stretches(0, 3))
