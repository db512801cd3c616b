from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from d365_pm.dataverse.certificate import read_certificate
from d365_pm.errors import SettingsError

PASSWORD = "planted-Password"


def issue(not_after: datetime | None = None, key_type: trustme.KeyType = trustme.KeyType.RSA) -> tuple[bytes, bytes]:
    leaf = trustme.CA().issue_cert("client.example", not_after=not_after, key_type=key_type)
    return leaf.private_key_pem.bytes(), leaf.cert_chain_pems[0].bytes()


def encrypted(key: bytes) -> bytes:
    loaded = load_pem_private_key(key, None)
    return loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode()))


def write(folder: Path, *parts: bytes) -> Path:
    path = folder / "client.pem"
    path.write_bytes(b"".join(parts))
    return path


def test_the_certificate_of_the_key_is_chosen_from_a_chain(tmp_path: Path) -> None:
    key, certificate = issue()
    _, stranger = issue()
    credential = read_certificate(write(tmp_path, stranger, certificate, key), None)
    assert credential["public_certificate"].encode().strip() == certificate.strip()
    assert credential["private_key"].encode().strip() == key.strip()
    assert "passphrase" not in credential


def test_an_encrypted_key_keeps_its_password(tmp_path: Path) -> None:
    key, certificate = issue()
    assert read_certificate(write(tmp_path, encrypted(key), certificate), PASSWORD)["passphrase"] == PASSWORD


def test_a_password_for_a_plain_key_is_ignored(tmp_path: Path) -> None:
    key, certificate = issue()
    assert "passphrase" not in read_certificate(write(tmp_path, key, certificate), PASSWORD)


def test_what_cannot_be_used_is_said(tmp_path: Path) -> None:
    key, certificate = issue()
    other_key, _ = issue()
    old_key, old = issue(datetime.now(UTC) - timedelta(days=1))
    cases: list[tuple[tuple[bytes, ...], str | None, str]] = [
        ((certificate,), None, "no private key"),
        ((key,), None, "no certificate of its private key"),
        ((other_key, certificate), None, "no certificate of its private key"),
        ((encrypted(key), certificate), None, "set D365_CLIENT_CERTIFICATE_PASSWORD"),
        ((encrypted(key), certificate), "wrong-" + PASSWORD, "correct the password"),
        ((old_key, old), None, "renew it"),
        (issue(key_type=trustme.KeyType.ECDSA), None, "no RSA key"),
        ((b"-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n", certificate), None, "cannot be read"),
    ]
    for parts, password, words in cases:
        with pytest.raises(SettingsError, match=words) as caught:
            read_certificate(write(tmp_path, *parts), password)
        assert PASSWORD not in str(caught.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_certificate(tmp_path / "none.pem", None)
