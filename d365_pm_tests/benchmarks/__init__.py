"""Speed and memory beside the peers: `python -m d365_pm_tests.benchmarks`. Nothing here asserts a time."""
