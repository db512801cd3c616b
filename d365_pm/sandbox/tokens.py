"""Access tokens: signed by the sandbox, short-lived, bound to one resource.

Belongs here: issuing and checking them. Does not belong here: who may have one (`auth.py`).
"""

import base64
import json
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


def person_tokens(credentials: Credentials, *, resource: str, lifetime: int, user: str) -> dict[str, str]:
    """What a person's sign-in answers: the access token, and who that was.

    Args:
        credentials: The app registration that the person used.
        resource: Address of the environment.
        lifetime: Seconds until the tokens end.
        user: Id of the person.
    """
    now = int(time.time())
    claims = {
        "aud": credentials.client_id,
        "iss": f"https://sts.windows.net/{credentials.tenant_id}/",
        "iat": now,
        "exp": now + lifetime,
        "oid": user,
        "sub": user,
        "tid": credentials.tenant_id,
        "preferred_username": "developer@sandbox.test",
    }
    who = json.dumps({"uid": user, "utid": credentials.tenant_id}).encode()
    return {
        "access_token": issue_token(credentials, resource=resource, lifetime=lifetime, user=user),
        "id_token": jwt.encode(claims, credentials.signing_key, algorithm=_ALGORITHM),
        "client_info": base64.urlsafe_b64encode(who).decode().rstrip("="),
        "scope": f"{resource}/user_impersonation",
    }


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
