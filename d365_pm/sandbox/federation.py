"""Workload identity federation: the token of another issuer that stands for the application's secret.

Belongs here: minting such a token, as a cluster or a pipeline service would, and checking it. Does not belong here: the
access token that it opens (`tokens.py`).
"""

import time
import uuid
from pathlib import Path
from typing import Any

import jwt
from jwt.exceptions import InvalidSubjectError

from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.sign_in_errors import SignInError
from d365_pm.sandbox.tls import write_private

AUDIENCE = "api://AzureADTokenExchange"
ISSUER = "https://federation.sandbox.test"
SUBJECT = "system:serviceaccount:d365-pm:extractor"
_ALGORITHM = "HS256"


def write_federated_token(credentials: Credentials, path: Path, *, lifetime: int = 86_400) -> None:
    """Write a token of the trusted issuer to a file, as a cluster keeps it beside its workloads.

    Args:
        credentials: The app registration that trusts it.
        path: The file; replaced if it exists.
        lifetime: Seconds until the token ends.
    """
    now = int(time.time())
    claims = {
        "aud": AUDIENCE,
        "iss": ISSUER,
        "sub": SUBJECT,
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
        "jti": str(uuid.uuid4()),
    }
    write_private(path, jwt.encode(claims, credentials.signing_key, algorithm=_ALGORITHM).encode())


def is_federated(assertion: str) -> bool:
    """The assertion is of the trusted issuer, not of the application itself."""
    try:
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return False
    return bool(claims.get("iss") == ISSUER)


def require_federated(credentials: Credentials, assertion: str) -> None:
    """Take the token of the trusted issuer.

    Raises:
        SignInError: It has ended, is signed by somebody else, or is for another audience or workload.
    """
    options: Any = {"require": ["exp", "aud", "iss", "sub"]}
    try:
        jwt.decode(
            assertion,
            credentials.signing_key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            subject=SUBJECT,
            options=options,
        )
    except jwt.ExpiredSignatureError:
        text = "Client assertion is not within its valid time range."
        raise SignInError(401, "invalid_client", 700024, text) from None
    except (jwt.InvalidAudienceError, InvalidSubjectError):
        text = (
            "No matching federated identity record found for presented assertion. Check your federated identity "
            "credential subject, audience and issuer against the presented assertion."
        )
        raise SignInError(401, "invalid_client", 700213, text) from None
    except jwt.InvalidTokenError:
        raise SignInError(401, "invalid_client", 700027, "Client assertion failed signature validation.") from None
