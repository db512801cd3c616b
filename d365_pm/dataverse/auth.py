"""Sign-in: the door to its kinds. Each kind is an `Issuer` in the folder `signin`."""

from d365_pm.dataverse.signin.application import ApplicationIssuer
from d365_pm.dataverse.signin.device_code import DeviceCodeIssuer, Show, terminal
from d365_pm.dataverse.signin.managed_identity import ManagedIdentityIssuer
from d365_pm.dataverse.signin.token import Issuer, Token, TokenSource
from d365_pm.settings import Settings, SignIn

__all__ = [
    "ApplicationIssuer",
    "DeviceCodeIssuer",
    "Issuer",
    "ManagedIdentityIssuer",
    "Token",
    "TokenSource",
    "build_issuer",
]


def build_issuer(settings: Settings, *, show: Show | None = None) -> Issuer:
    """The sign-in that is configured.

    Args:
        settings: Complete for their kind (`require_connection`).
        show: Shows a sentence to the person who has to sign in; the terminal by default.

    Raises:
        SettingsError: A file that a setting names cannot be used, or settings contradict each other.
    """
    match settings.sign_in_kind:
        case SignIn.MANAGED_IDENTITY:
            return ManagedIdentityIssuer(settings)
        case SignIn.DEVICE_CODE:
            return DeviceCodeIssuer(settings, show=show or terminal())
        case _:
            return ApplicationIssuer(settings)
