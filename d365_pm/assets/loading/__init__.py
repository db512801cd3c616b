"""Loading one table from Dataverse into the raw layer: which way it is read, page by page, and the proof that it is
whole.

The place where the client and the lake meet; knows nothing of Dagster. `table.py` is the door.
"""
