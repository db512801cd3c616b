"""The one base of every error that a person can cause and mend.

A message is a clear sentence that names what is wrong and what to do; it never holds a secret, a token or the content
of a row. The command line prints it and leaves with a non-zero status; the Dagster rim turns it into a failure without
retries.
"""


class D365PMError(Exception):
    """Something is wrong that a person can put right; the message says what and how."""


class SettingsError(D365PMError):
    """A setting is missing or cannot be used."""
