"""The same rows give the same bytes, whatever the way they came and the machine that worked on them.

`python -m d365_pm_tests.determinism` builds one desk many times, each time in a process of its own, and compares the
published tables as Parquet files, byte by byte (event-log semantics 9, invariant 2).
"""
