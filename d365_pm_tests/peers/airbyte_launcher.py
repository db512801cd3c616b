"""Airbyte's source, started as its own command does, but signing in and trusting where the variables say.

Runs in the peers' own environment, which has nothing of ours. Two things are set from outside because the source has no
setting for them; what it sends, parses and decides is its own:

* the address of the authority, which is the public one in its code, becomes `D365_AUTHORITY`;
* the certificates that it trusts become `D365_CA_BUNDLE`. Its sign-in and its metadata heed `REQUESTS_CA_BUNDLE`; its
  pages are sent in a way that heeds no variable.
"""

import os
import sys

import certifi

# requests takes the path when it is imported.
certifi.where = lambda: os.environ["D365_CA_BUNDLE"]

from airbyte_cdk.entrypoint import launch  # noqa: E402
from source_microsoft_dataverse import SourceMicrosoftDataverse  # noqa: E402
from source_microsoft_dataverse.dataverse import MicrosoftOauth2Authenticator  # noqa: E402

PUBLIC_AUTHORITY = "https://login.microsoftonline.com"


def main() -> None:
    """Run one command of the source, such as `check --config FILE`."""
    ask = MicrosoftOauth2Authenticator.get_token_refresh_endpoint

    def ask_here(authenticator: MicrosoftOauth2Authenticator) -> str:
        return str(ask(authenticator)).replace(PUBLIC_AUTHORITY, os.environ["D365_AUTHORITY"])

    MicrosoftOauth2Authenticator.get_token_refresh_endpoint = ask_here
    launch(SourceMicrosoftDataverse(), sys.argv[1:])


if __name__ == "__main__":
    main()
