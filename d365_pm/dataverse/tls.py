"""Which certificates we trust and which way to the network we take; the same for sign-in and for data."""

import ipaddress
import ssl
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from d365_pm.errors import SettingsError


def trust(ca_bundle: Path | None) -> ssl.SSLContext:
    """Trust the public authorities, those of the system and, in addition, those of a bundle.

    In addition, because the identity provider may be public while the Dataverse is not, and the other way round. Made
    once per bundle and process: reading the public authorities takes a tenth of a second.

    Raises:
        SettingsError: The bundle cannot be read.
    """
    if ca_bundle is None:
        return _context(None, 0)
    try:
        return _context(ca_bundle, ca_bundle.stat().st_mtime_ns)
    except FileNotFoundError:
        raise SettingsError(f"D365_CA_BUNDLE names {ca_bundle}, which does not exist; correct the path.") from None
    except (OSError, ssl.SSLError):
        raise SettingsError(
            f"D365_CA_BUNDLE names {ca_bundle}, which is not a readable PEM file with certificates; correct it."
        ) from None


@lru_cache(maxsize=8)
def _context(ca_bundle: Path | None, _: int) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    context.load_default_certs()
    if ca_bundle is not None:
        context.load_verify_locations(cafile=ca_bundle)
    return context


def uses_proxy(url: str) -> bool:
    """Whether the environment's proxy variables apply: never for this machine itself."""
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
