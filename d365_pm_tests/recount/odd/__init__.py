"""Rows that are odd but legal, put into a desk: one function per oddity, each by its own random numbers."""
