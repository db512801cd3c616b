"""The one app registration of a sandbox: tenant, client, secret, certificate, and the key that signs access tokens.

Belongs here: making them once per state directory and reading them back. Does not belong here: checking what a client
presents (`auth.py`). Everything is random, so no two sandboxes share a secret.
"""

import datetime as dt
import json
import secrets
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from d365_pm.errors import D365PMError
from d365_pm.sandbox.tls import write_private


class SandboxStateError(D365PMError):
    """The state directory of a sandbox cannot be used."""


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a client must present, and how the sandbox signs.

    Attributes:
        tenant_id: Directory (tenant) id.
        client_id: Application (client) id.
        client_secret: The right secret.
        signing_key: Key of the access tokens' signature.
    """

    tenant_id: str
    client_id: str
    client_secret: str
    signing_key: str


def new_credentials() -> Credentials:
    """Random credentials."""
    return Credentials(
        tenant_id=str(uuid.uuid4()),
        client_id=str(uuid.uuid4()),
        client_secret=secrets.token_urlsafe(30),
        signing_key=secrets.token_hex(32),
    )


def load_credentials(state: Path) -> Credentials:
    """Read the credentials of a state directory; make them on its first use.

    Raises:
        SandboxStateError: The file exists but is not ours.
    """
    path = state / "credentials.json"
    if not path.is_file():
        credentials = new_credentials()
        write_private(path, json.dumps(asdict(credentials)).encode())
        return credentials
    try:
        return Credentials(**json.loads(path.read_text()))
    except (ValueError, TypeError):
        raise SandboxStateError(
            f"{path} is not a sandbox's credentials file; delete it to have it made anew."
        ) from None


def load_certificate(state: Path, client_id: str) -> Path:
    """PEM file with the client's private key and certificate; made on first use."""
    path = state / "client-certificate.pem"
    if not path.is_file():
        write_private(path, _certificate_pem(client_id))
    return path


def _certificate_pem(client_id: str) -> bytes:
    private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, client_id)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
        .sign(private_key, hashes.SHA256())
    )
    key_pem = private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return key_pem + certificate.public_bytes(serialization.Encoding.PEM)
