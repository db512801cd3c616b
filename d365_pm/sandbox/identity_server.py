"""The server of the machine's managed identity: plain HTTP on a loopback port, beside the sandbox.

Belongs here: its thread and its socket. Does not belong here: what it answers (`identity.py`).
"""

import socket
import threading

import uvicorn

from d365_pm.sandbox.credentials import Credentials
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.identity import build_identity_app


class IdentityServer:
    """Serves tokens to whoever runs on this machine, listening from the moment it is made.

    Args:
        environment: Whose switches and log it uses.
        credentials: The identity.
        resource: Address of the environment that its tokens open.
    """

    def __init__(self, environment: Environment, credentials: Credentials, resource: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        application = build_identity_app(
            credentials,
            environment.switches,
            environment.log,
            resource=resource,
            header=credentials.client_secret,
        )
        self._server = uvicorn.Server(
            uvicorn.Config(application, log_config=None, log_level="critical", access_log=False, lifespan="off")
        )

    def start(self) -> None:
        """Serve from a thread of its own."""
        options = {"sockets": [self._socket]}
        threading.Thread(target=self._server.run, kwargs=options, name="managed identity", daemon=True).start()

    def stop(self) -> None:
        """Ask it to end."""
        self._server.should_exit = True
