"""Unit tests of the SQL models: a few raw rows in, the rows that the reference promises out.

Belongs here: one module per activity and per group of attributes, and the small desk that writes their raw rows.
Does not belong here: the generator, the server, the lake; no test of this folder needs any of them.
"""
