"""The 13 activities, one module per group (event-log semantics, 3)."""
