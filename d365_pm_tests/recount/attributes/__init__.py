"""The 21 attributes, one module per group (event-log semantics, 2)."""
