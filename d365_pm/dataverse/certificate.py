"""A client certificate in one PEM file, as msal wants it.

Sign-in itself is in `auth.py`.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from d365_pm.errors import SettingsError

_KEY = re.compile(rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def read_certificate(path: Path, password: str | None) -> dict[str, str]:
    """Read the private key and the certificate that belongs to it.

    Args:
        path: PEM file with the private key and the certificate; a chain may follow.
        password: Of the private key; ignored when the key is not encrypted.

    Returns:
        The `client_credential` of msal.

    Raises:
        SettingsError: The file cannot be used; the message says why.
    """
    key_text, key, is_encrypted = _private_key(path, _read(path), password)
    if not isinstance(key, RSAPrivateKey):
        raise _refuse(path, "holds a key that is no RSA key; Microsoft Entra takes no other for applications")
    certificate = _matching(path, key)
    if certificate.not_valid_after_utc < datetime.now(UTC):
        raise _refuse(path, f"holds a certificate that ended on {certificate.not_valid_after_utc:%Y-%m-%d}; renew it")
    credential = {
        "private_key": key_text.decode("ascii"),
        "public_certificate": certificate.public_bytes(Encoding.PEM).decode("ascii"),
    }
    return credential | ({"passphrase": password} if is_encrypted and password else {})


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise _refuse(path, "cannot be read; correct the path or its permissions") from None


def _private_key(path: Path, content: bytes, password: str | None) -> tuple[bytes, Any, bool]:
    match = _KEY.search(content)
    if match is None:
        raise _refuse(path, "holds no private key; it needs the key and the certificate in PEM form")
    text = match.group(0)
    try:
        return text, load_pem_private_key(text, None), False
    except TypeError:
        pass  # the key is encrypted
    except ValueError:
        raise _refuse(path, "holds a private key that cannot be read; it needs PEM form") from None
    if not password:
        raise _refuse(path, "holds an encrypted private key; set D365_CLIENT_CERTIFICATE_PASSWORD")
    try:
        return text, load_pem_private_key(text, password.encode()), True
    except ValueError:
        raise _refuse(path, "cannot be opened with D365_CLIENT_CERTIFICATE_PASSWORD; correct the password") from None


def _matching(path: Path, key: Any) -> x509.Certificate:
    wanted = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for text in _CERTIFICATE.findall(_read(path)):
        try:
            certificate = x509.load_pem_x509_certificate(text)
        except ValueError:
            continue
        if certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == wanted:
            return certificate
    raise _refuse(path, "holds no certificate of its private key; put both into the file")


def _refuse(path: Path, why: str) -> SettingsError:
    return SettingsError(f"D365_CLIENT_CERTIFICATE names {path}, which {why}.")
