"""Different keys are counted exactly, whatever they look like."""

import random
import uuid

import pyarrow as pa

from d365_pm.lake.distinct import count_distinct


def keys(*texts: str | None) -> pa.Table:
    return pa.table({"id": pa.array(texts, pa.string())})


def test_ids_that_come_on_several_pages_count_once() -> None:
    dice = random.Random(7)
    ids = [str(uuid.UUID(int=dice.getrandbits(128))) for _ in range(3000)]
    pages = [keys(*dice.choices(ids, k=700)) for _ in range(9)]
    every = {text for page in pages for text in page.column("id").to_pylist()}
    assert count_distinct(pages) == len(every)


def test_ids_that_share_either_half_are_different() -> None:
    halves = ["00000000-0000-0000", "00000001-0000-0000", "ffffffff-ffff-ffff"]
    ends = ["0000-000000000000", "0000-000000000001", "ffff-ffffffffffff"]
    ids = [f"{half}-{end}" for half in halves for end in ends]
    assert count_distinct([keys(*ids), keys(*ids)]) == 9


def test_a_key_that_is_no_id_counts_by_its_text() -> None:
    id_ = "0f8fad5b-d9cb-469f-a165-70867728950e"
    odd = (id_.upper(), f"{id_} ", id_.replace("-", "_"), f"{id_[:-1]}g", "", "é" * 18)
    assert count_distinct([keys(id_, *odd), keys(*odd, id_)]) == 7


def test_keys_of_several_columns_or_of_numbers_are_counted() -> None:
    pairs = pa.table({"table": ["a", "a", "b", "a"], "code": pa.array([1, 2, 1, 1], pa.int32())})
    assert count_distinct([pairs, pairs]) == 3
    assert count_distinct([pa.table({"code": pa.array([4, 4, 5], pa.int32())})]) == 2


def test_no_pages_have_no_keys() -> None:
    assert count_distinct([]) == 0
    assert count_distinct([keys()]) == 0
