"""What an identity provider's refusal means, in one sentence with its remedy.

Sources: Microsoft's published AADSTS codes.
"""

import re
from typing import Any

from d365_pm.dataverse.errors import DataverseError, ServerFaultError, SignInError

_CODE = re.compile(r"AADSTS(\d+)")

_FEDERATION = (
    "The app registration D365_CLIENT_ID has no federated credential for the token in D365_FEDERATED_TOKEN_FILE: add "
    "one whose issuer, subject and audience are those of the token."
)
_CODE_ENDED = "The code was not entered in time: start again and enter the new code within a quarter of an hour."

_REFUSALS = {
    7000215: "The client secret is wrong: set D365_CLIENT_SECRET to the value of a secret of the app registration (the "
    "value, not the secret's id).",
    7000222: "The client secret has expired: create one in the app registration and set D365_CLIENT_SECRET to it.",
    700016: "The identity provider does not know this application: set D365_CLIENT_ID to the application (client) id "
    "of an app registration in the tenant D365_TENANT_ID.",
    90002: "The tenant does not exist: set D365_TENANT_ID to the directory (tenant) id, and check D365_AUTHORITY.",
    900023: "The tenant is neither an id nor a domain: correct D365_TENANT_ID.",
    700027: "The certificate is not registered: upload the public part of D365_CLIENT_CERTIFICATE to the app "
    "registration D365_CLIENT_ID.",
    700024: "The proof of the sign-in is not valid at this time: set the clock of this machine right, and check that "
    "the token in D365_FEDERATED_TOKEN_FILE, if that is used, is renewed by the platform.",
    70021: _FEDERATION,
    700211: _FEDERATION,
    700212: _FEDERATION,
    700213: _FEDERATION,
    7000218: "The application may not sign people in: set Allow public client flows to Yes in the app registration "
    "D365_CLIENT_ID (Authentication), or use another D365_SIGN_IN.",
    70020: _CODE_ENDED,
    70019: _CODE_ENDED,
    65001: "Nobody has consented yet that the application acts in Dataverse for this person: ask the tenant's "
    "administrator to grant user_impersonation of Dynamics CRM to D365_CLIENT_ID.",
    7000112: "The application is disabled in its tenant: enable it, or correct D365_CLIENT_ID.",
    7000216: "The application proved nothing: set D365_CLIENT_SECRET or D365_CLIENT_CERTIFICATE.",
    500011: "The tenant does not know this Dataverse: check that D365_URL and D365_TENANT_ID belong together.",
    650057: "The tenant does not know this Dataverse: check that D365_URL and D365_TENANT_ID belong together.",
    70011: "The identity provider does not accept the scope: check D365_URL.",
    53003: "A conditional access policy blocks the application: ask the tenant's administrator for an exception.",
}


def unknown_authority(fault: Exception, host: str) -> SignInError:
    """The error for an authority without this tenant's configuration.

    Args:
        fault: What msal raised instead of asking for a token; the provider's code is in its cause.
        host: Host of the authority.
    """
    match = _CODE.search(f"{fault} {fault.__context__}")
    if match and int(match.group(1)) in _REFUSALS:
        return SignInError(_REFUSALS[int(match.group(1))], code=match.group(0))
    return SignInError(
        f"{host} does not serve the sign-in of this tenant: check D365_TENANT_ID, and for national clouds "
        "D365_AUTHORITY."
    )


_BY_NAME = {
    "authorization_pending": _CODE_ENDED,
    "expired_token": _CODE_ENDED,
    "code_expired": _CODE_ENDED,
    "authorization_declined": "The sign-in was declined in the browser: start again and accept it.",
    "access_denied": "The sign-in was declined in the browser: start again and accept it.",
}
_PASSING = frozenset({90033, 90012})
_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)


def refusal(answer: dict[str, Any]) -> DataverseError:
    """The error for an answer without a token.

    The provider's own description stays out: it may repeat what was sent.
    """
    match = _CODE.search(str(answer.get("error_description", "")))
    number = int(match.group(1)) if match else 0
    name = str(answer.get("error", "unknown"))
    code = match.group(0) if match else name if _NAME.fullmatch(name) else "unknown"
    request = str(answer.get("correlation_id", ""))
    request_id = request if _NAME.fullmatch(request) else None
    if number in _PASSING or name == "temporarily_unavailable":
        return ServerFaultError("The identity provider cannot answer just now.", code=code, request_id=request_id)
    remedy = (
        _REFUSALS.get(number)
        or _BY_NAME.get(name)
        or (
            "The identity provider refuses the sign-in: look its code up at https://login.microsoftonline.com/error "
            "and check D365_TENANT_ID, D365_CLIENT_ID and what proves who you are (D365_SIGN_IN)."
        )
    )
    return SignInError(remedy, code=code, request_id=request_id)
