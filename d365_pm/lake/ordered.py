"""Whether values are in order already: pages mostly come so, and moving fifty columns costs more than a look at one."""

import pyarrow as pa
import pyarrow.compute as pc


def is_sorted(values: pa.Array) -> bool:
    """Whether values, none of them null, ascend."""
    return bool(pc.all(pc.less_equal(values[:-1], values[1:]), min_count=0).as_py())
