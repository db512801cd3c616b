"""Access tokens: signed by the sandbox, short-lived, bound to one resource.

Belongs here: issuing and checking them. Does not belong here: who may have one (`auth.py`).
"""

import time
import uuid
from typing import Any

import jwt

from d365_pm.sandbox.credentials import Credentials

_ALGORITHM = "HS256"


class TokenRefusedError(Exception):
    """A bearer token that the Web API does not take; the message is the reason header's text."""


def issue_token(credentials: Credentials, *, resource: str, lifetime: int, user: str | None = None) -> str:
    """A new access token for a resource.

    Args:
        credentials: The app registration that it is for.
        resource: Address of the environment.
        lifetime: Seconds until it ends.
        user: Id of the person who signed in; None for the application itself.
    """
    now = int(time.time())
    claims = {
        "aud": resource,
        "iss": f"https://sts.windows.net/{credentials.tenant_id}/",
        "iat": now,
        "nbf": now,
        "exp": now + lifetime,
        "appid": credentials.client_id,
        "oid": user or credentials.client_id,
        "tid": credentials.tenant_id,
        "jti": str(uuid.uuid4()),
        "ver": "1.0",
    }
    return jwt.encode(claims, credentials.signing_key, algorithm=_ALGORITHM)


def check_bearer(credentials: Credentials, header: str | None, *, resource: str) -> str:
    """Take a request's `Authorization` header or refuse it.

    Returns:
        Id of the user, for whom the limits count.

    Raises:
        TokenRefusedError: The header is missing or no bearer, or the token is foreign, ended or for another resource.
    """
    if not header:
        raise TokenRefusedError("Authorization header is missing.")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefusedError("Authorization header is not a bearer token.")
    options: Any = {"require": ["exp", "aud"]}
    try:
        claims = jwt.decode(token, credentials.signing_key, algorithms=[_ALGORITHM], audience=resource, options=options)
    except jwt.ExpiredSignatureError:
        raise TokenRefusedError("The token has expired.") from None
    except jwt.InvalidAudienceError:
        raise TokenRefusedError("The audience of the token is not this organization.") from None
    except jwt.InvalidTokenError:
        raise TokenRefusedError("The token is not valid.") from None
    return str(claims.get("oid", ""))
