"""Which Microsoft cloud an environment lives in, and who signs in there.

Source: Web API reference, section 1.6. Hosts that it does not name belong to nobody's cloud in particular: a Dataverse
behind a gateway, or the sandbox.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from d365_pm.errors import SettingsError
from d365_pm.settings import PUBLIC_AUTHORITY, Settings


@dataclass(frozen=True, slots=True)
class Cloud:
    """One of Microsoft's clouds.

    Attributes:
        name: As Microsoft calls it.
        domains: What the hosts of its environments end with.
        authority: Address of its identity provider.
        aliases: Other hosts of the same identity provider.
    """

    name: str
    domains: tuple[str, ...]
    authority: str
    aliases: tuple[str, ...] = ()


_PUBLIC = Cloud(
    "the public cloud",
    ("dynamics.com",),  # GCC (crm9) too, which signs in at the public authority
    PUBLIC_AUTHORITY,
    ("login.windows.net", "login.microsoft.com", "sts.windows.net"),
)
_CLOUDS = (
    _PUBLIC,
    Cloud("the US Government cloud", ("microsoftdynamics.us", "appsplatform.us"), "https://login.microsoftonline.us"),
    Cloud(
        "the cloud of China",
        ("dynamics.cn",),
        "https://login.partner.microsoftonline.cn",
        ("login.chinacloudapi.cn",),
    ),
)


def authority(settings: Settings) -> str:
    """Address of the identity provider: the configured one, else that of the environment's cloud.

    Raises:
        SettingsError: The configured one belongs to another cloud than the environment, so that no token would fit.
    """
    home = _home(_host(str(settings.url)))
    if settings.authority is None:
        return (home or _PUBLIC).authority
    named = _owner(_host(settings.authority))
    if home and named and home is not named:
        raise SettingsError(
            f"D365_URL is in {home.name}, but D365_AUTHORITY is the identity provider of {named.name}: remove "
            f"D365_AUTHORITY, or set it to {home.authority}."
        )
    return settings.authority


def _home(host: str) -> Cloud | None:
    return next((cloud for cloud in _CLOUDS for domain in cloud.domains if host.endswith(f".{domain}")), None)


def _owner(host: str) -> Cloud | None:
    return next((cloud for cloud in _CLOUDS if host in {_host(cloud.authority), *cloud.aliases}), None)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".").lower()
