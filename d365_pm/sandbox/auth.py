"""Sign-in: the OpenID configuration and the token endpoint, as msal calls them.

Belongs here: client credentials with a secret, a certificate or a federated token, and people with a device code. Does
not belong here: what a token opens (`tokens.py`), and machines with an identity of their own (`identity.py`). Source:
Web API reference 1.4; error numbers are Entra's published AADSTS codes.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509

from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.device_codes import GRANT, DeviceCodes
from d365_pm.sandbox.federation import is_federated, require_federated
from d365_pm.sandbox.sign_in_errors import SignInError, require
from d365_pm.sandbox.stored import stable_id
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tokens import issue_token, person_tokens

__all__ = ["SignIn", "SignInError"]

DEVELOPER = stable_id("developer")
"""Id of the one person who signs in with a device code."""

_OPENID_SCOPES = ("openid", "profile", "email", "offline_access")
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class SignIn:
    """The sandbox's part of Entra.

    Attributes:
        credentials: The one app registration.
        switches: Token lifetime and faults.
        certificate: PEM file whose certificate the registration knows; None for secrets only.
    """

    credentials: Credentials
    switches: Switches
    certificate: Path | None = None

    @cached_property
    def device_codes(self) -> DeviceCodes:
        """The device codes that wait."""
        return DeviceCodes(are_approved=self.switches.approves_device_codes)

    def configuration(self, base: str, tenant: str) -> dict[str, Any]:
        """The OpenID configuration of a tenant.

        Raises:
            SignInError: The tenant is unknown.
        """
        self._require_tenant(tenant)
        authority = f"{base}/{tenant}"
        return {
            "token_endpoint": f"{authority}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
            "jwks_uri": f"{authority}/discovery/v2.0/keys",
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{authority}/v2.0",
            "authorization_endpoint": f"{authority}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{authority}/oauth2/v2.0/devicecode",
            "tenant_region_scope": "SA",
        }

    def token(self, base: str, tenant: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer the token endpoint.

        Args:
            base: Address that the client used.
            tenant: Tenant in the path.
            form: The posted fields.

        Raises:
            SignInError: Anything is wrong with what the client presents.
        """
        self._require_tenant(tenant)
        grant = require(form, "grant_type")
        if grant not in ("client_credentials", GRANT):
            text = f"The app requested an unsupported grant type '{grant}'."
            raise SignInError(400, "unsupported_grant_type", 70003, text)
        self._require_client(require(form, "client_id"))
        lifetime = self.switches.token_lifetime
        answer = {"token_type": "Bearer", "expires_in": lifetime, "ext_expires_in": lifetime}
        if grant == GRANT:
            self.device_codes.redeem(require(form, "device_code"))
            return answer | person_tokens(self.credentials, resource=base, lifetime=lifetime, user=DEVELOPER)
        self._require_proof(form, f"{base}/{tenant}/oauth2/v2.0/token")
        resource = _resource(base, form)
        return answer | {"access_token": issue_token(self.credentials, resource=resource, lifetime=lifetime)}

    def device_code(self, base: str, tenant: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Answer the endpoint at which a program asks for a device code.

        Raises:
            SignInError: The tenant, the application or the scope is unknown.
        """
        self._require_tenant(tenant)
        self._require_client(require(form, "client_id"))
        asked = [scope for scope in require(form, "scope").split() if scope not in _OPENID_SCOPES]
        if any(scope.rpartition("/")[0].lower() != base.lower() for scope in asked):
            raise SignInError(400, "invalid_resource", 500011, "The resource principal was not found in the tenant.")
        return self.device_codes.start(f"{base}/{tenant}/oauth2/deviceauth")

    def _require_tenant(self, tenant: str) -> None:
        if tenant.lower() != self.credentials.tenant_id:
            text = (
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no active "
                "subscriptions for the tenant."
            )
            raise SignInError(400, "invalid_tenant", 90002, text)

    def _require_client(self, client_id: str) -> None:
        if client_id.lower() != self.credentials.client_id:
            text = (
                f"Application with identifier '{client_id}' was not found in the directory "
                f"'{self.credentials.tenant_id}'. This can happen if the application has not been installed by the "
                "administrator of the tenant or consented to by any user in the tenant. You may have sent your "
                "authentication request to the wrong tenant."
            )
            raise SignInError(400, "unauthorized_client", 700016, text)

    def _require_proof(self, form: Mapping[str, str], endpoint: str) -> None:
        if "client_assertion" in form:
            self._require_assertion(form, endpoint)
            return
        if "client_secret" not in form:
            text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
            raise SignInError(401, "invalid_client", 7000218, text)
        app = self.credentials.client_id
        if not hmac.compare_digest(form["client_secret"].encode(), self.credentials.client_secret.encode()):
            text = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{app}'."
            )
            raise SignInError(401, "invalid_client", 7000215, text)
        if self.switches.secret_is_expired:
            text = (
                f"The provided client secret keys for app '{app}' are expired. Visit the Azure portal to create new "
                "keys for your app, or consider using certificate credentials for added security."
            )
            raise SignInError(401, "invalid_client", 7000222, text)

    def _require_assertion(self, form: Mapping[str, str], endpoint: str) -> None:
        text = "Client assertion failed signature validation."
        is_of_type = form.get("client_assertion_type") == _ASSERTION_TYPE
        if is_of_type and is_federated(form["client_assertion"]):
            require_federated(self.credentials, form["client_assertion"])
            return
        if not is_of_type or self.certificate is None:
            raise SignInError(401, "invalid_client", 700027, text)
        public_key: Any = x509.load_pem_x509_certificate(self.certificate.read_bytes()).public_key()
        try:
            jwt.decode(
                form["client_assertion"],
                public_key,
                algorithms=["PS256", "RS256"],
                audience=endpoint,
                issuer=self.credentials.client_id,
                subject=self.credentials.client_id,
                options={"require": ["exp", "aud", "iss", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            text = "Client assertion is not within its valid time range."
            raise SignInError(401, "invalid_client", 700024, text) from None
        except jwt.InvalidTokenError:
            raise SignInError(401, "invalid_client", 700027, text) from None


def _resource(base: str, form: Mapping[str, str]) -> str:
    """The environment that the scope asks for, which can only be this one."""
    scopes = [scope for scope in require(form, "scope").split() if scope not in _OPENID_SCOPES]
    if len(scopes) != 1 or not scopes[0].endswith("/.default"):
        text = (
            f"The provided value for scope {form['scope']} is not valid. Client credential flows must have a scope "
            "value with /.default suffixed to the resource identifier (application ID URI)."
        )
        raise SignInError(400, "invalid_scope", 1002012, text)
    resource = scopes[0].removesuffix("/.default")
    if resource.lower() != base.lower():
        text = f"The resource principal named {resource} was not found in the tenant."
        raise SignInError(400, "invalid_resource", 500011, text)
    return base
