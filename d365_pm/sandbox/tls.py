"""The sandbox's throw-away certificate authority and the server certificate that it signs.

Belongs here: making, keeping and reading them back. Does not belong here: OAuth credentials (`credentials.py`). The
private keys never leave the state directory and are readable by their owner only.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where the certificates of one sandbox are.

    Attributes:
        ca_bundle: PEM for clients, the value of `D365_CA_BUNDLE`.
        server_chain: Private key and certificate chain of the server.
    """

    ca_bundle: Path
    server_chain: Path


def prepare_tls(state: Path, *, extra_host: str | None = None) -> TlsFiles:
    """Make the authority once per state directory, and a fresh server certificate for each start."""
    authority = _authority(state)
    chain = state / "server.pem"
    hosts = (*HOSTS, extra_host) if extra_host and extra_host not in HOSTS else HOSTS
    leaf = authority.issue_cert(*hosts)
    write_private(chain, leaf.private_key_and_cert_chain_pem.bytes())
    return TlsFiles(ca_bundle=state / "ca.pem", server_chain=chain)


def _authority(state: Path) -> trustme.CA:
    certificate, private_key = state / "ca.pem", state / "ca-key.pem"
    if certificate.is_file() and private_key.is_file():
        return trustme.CA.from_pem(certificate.read_bytes(), private_key.read_bytes())
    authority = trustme.CA(organization_name="d365-pm sandbox")
    write_private(private_key, authority.private_key_pem.bytes())
    authority.cert_pem.write_to_path(str(certificate))
    return authority


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, never readable by others in between."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)


def client_context(ca_bundle: Path) -> ssl.SSLContext:
    """A client's view of TLS that trusts this sandbox and nothing else."""
    return ssl.create_default_context(cafile=str(ca_bundle))
