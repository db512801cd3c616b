"""A running sandbox: the application behind TLS on a loopback port.

Belongs here: starting and stopping the server, in this process. Does not belong here: a process of its own
(`process.py`) and the command line (`cli.py`).
"""

import socket
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import uvicorn
from starlette.applications import Starlette

from d365_pm.errors import D365PMError
from d365_pm.sandbox.app import build_app
from d365_pm.sandbox.credentials import Credentials, load_certificate, load_credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.fault_wire import SandboxProtocol
from d365_pm.sandbox.identity import APP_SERVICE_PATH
from d365_pm.sandbox.identity_server import IdentityServer
from d365_pm.sandbox.rows import RawRows
from d365_pm.sandbox.switches import Switches
from d365_pm.sandbox.tls import prepare_tls

LOOPBACK = "127.0.0.1"
_STARTUP_SECONDS = 30.0


class SandboxAddressError(D365PMError):
    """The address that the sandbox should listen on cannot be used."""


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """How to reach a sandbox.

    Attributes:
        url: Address of the environment.
        env: The variables that point the pipeline at it.
        certificate: PEM file with which a client may sign in instead of the secret.
        environment: What it serves; its rows may be replaced while it runs.
        credentials: The app registration, for those who mint tokens.
        identity: Address of the machine's managed identity, over plain HTTP; None where the machine has none.
    """

    url: str
    env: dict[str, str]
    certificate: Path
    environment: Environment
    credentials: Credentials
    identity: str | None = None

    @property
    def app_service_env(self) -> dict[str, str]:
        """The variables by which App Service tells a program of its identity."""
        header = self.credentials.client_secret
        return {"IDENTITY_ENDPOINT": f"{self.identity}{APP_SERVICE_PATH}", "IDENTITY_HEADER": header}

    @property
    def machine_env(self) -> dict[str, str]:
        """The variable by which msal finds the identity of a virtual machine elsewhere than at its fixed address."""
        return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": str(self.identity)}


class SandboxServer:
    """One sandbox on one port, listening from the moment it is made.

    Args:
        environment: What to serve.
        state: Directory of certificates and credentials; kept between starts.
        host: Address to listen on.
        port: Port to listen on; 0 for a free one.

    Raises:
        SandboxAddressError: The address is taken or not of this machine.
    """

    def __init__(self, environment: Environment, state: Path, *, host: str = LOOPBACK, port: int = 0) -> None:
        state.mkdir(parents=True, exist_ok=True)
        credentials = load_credentials(state)
        certificate = load_certificate(state, credentials.client_id)
        tls = prepare_tls(state, extra_host=host)
        self._socket = _listen(host, port)
        application = build_app(environment, credentials, certificate=certificate)
        self._server = uvicorn.Server(_configuration(application, tls.server_chain))
        url = f"https://{host}:{self._socket.getsockname()[1]}"
        env = {
            "D365_URL": url,
            "D365_TENANT_ID": credentials.tenant_id,
            "D365_CLIENT_ID": credentials.client_id,
            "D365_CLIENT_SECRET": credentials.client_secret,
            "D365_AUTHORITY": url,
            "D365_CA_BUNDLE": str(tls.ca_bundle.resolve()),
        }
        self._identity = (
            IdentityServer(environment, credentials, url) if environment.switches.has_managed_identity else None
        )
        identity = self._identity.url if self._identity else None
        self.running = RunningSandbox(url, env, certificate, environment, credentials, identity)

    def serve(self) -> None:
        """Serve until `stop` or an interrupt."""
        if self._identity:
            self._identity.start()
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """Ask the server to end; safe from another thread."""
        if self._identity:
            self._identity.stop()
        self._server.should_exit = True


def _configuration(application: Starlette, server_chain: Path) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http=SandboxProtocol,
        ssl_certfile=server_chain,
        ssl_keyfile=str(server_chain),
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        lifespan="off",
        # Clients keep their connections open; there is nothing to wait for once nobody wants the sandbox.
        timeout_graceful_shutdown=0,
    )


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError):
        raise SandboxAddressError(
            f"The sandbox cannot listen on {host}, port {port}; choose another with --port, or 0 for a free one."
        ) from None


@contextmanager
def running_server(
    tables: Mapping[str, pa.Table | RawRows], switches: Switches | None = None
) -> Iterator[RunningSandbox]:
    """Serve tables from a thread of this process while the block runs."""
    with tempfile.TemporaryDirectory(prefix="d365-pm-sandbox-") as state:
        server = SandboxServer(Environment(tables, switches), Path(state))
        thread = threading.Thread(target=server.serve, name="sandbox", daemon=True)
        thread.start()
        try:
            yield server.running
        finally:
            server.stop()
            thread.join(_STARTUP_SECONDS)
