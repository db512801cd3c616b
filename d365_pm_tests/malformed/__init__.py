"""Rows that no Dataverse should send, on their way from the wire to the log.

`python -m d365_pm_tests.malformed` makes them from a seed, over every column of every raw table, and sends one half
through the client's decoder and the other into the raw layer beside a healthy desk. Each must be accepted, listed with
a reason, or refused with a clear error; the log of the healthy cases must stay what it was without them.
"""
