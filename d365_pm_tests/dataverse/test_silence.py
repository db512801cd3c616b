"""Addresses where nobody, somebody else, or somebody untrusted answers: real sockets on loopback."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import trustme

from d365_pm.dataverse import transport
from d365_pm.dataverse.auth import TokenSource
from d365_pm.dataverse.connection import Connection, build_http
from d365_pm.dataverse.diagnosis import diagnose_silence
from d365_pm.dataverse.errors import AddressError, ConnectionFailedError, DataverseError, TrustError
from d365_pm.dataverse.reply import json_object
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm_tests.dataverse.wire import NumberedIssuer, run


@contextmanager
def listening(context: ssl.SSLContext | None, answer: bytes, *, trickle: bool = False) -> Iterator[int]:
    """A server that gives every connection the same bytes and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(client, server_side=True) if context else client as stream:
                    stream.recv(65536)
                    stream.sendall(answer)
                    while trickle:
                        stream.sendall(b" ")
                        time.sleep(0.02)
            except OSError:
                continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=5)


def fail(url: str, *, verify: ssl.SSLContext | bool = True) -> DataverseError:
    async def no_pause(seconds: float) -> None:
        pass

    async def get() -> None:
        connection = Connection(
            url,
            tokens=TokenSource(NumberedIssuer()),
            http=build_http(verify=verify, trust_env=False),
            policy=RetryPolicy(attempts=3),
            sleep=no_pause,
        )
        try:
            await connection.get(f"{connection.base}WhoAmI", parse=json_object)
        finally:
            await connection.close()

    with pytest.raises(DataverseError) as caught:
        run(get())
    return caught.value


def test_unknown_host() -> None:
    error = fail("https://no-such-environment.invalid")
    assert isinstance(error, AddressError)
    assert "no-such-environment.invalid is unknown: correct D365_URL" in str(error)


def test_an_unknown_host_that_has_answered_before_is_a_hiccup() -> None:
    fault = httpx.ConnectError("name")
    fault.__cause__ = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    error = diagnose_silence(fault, host="contoso.crm4.dynamics.com", setting="D365_URL", reached=True)
    assert isinstance(error, ConnectionFailedError)


def test_nobody_listens() -> None:
    with listening(None, b"") as port:
        pass
    error = fail(f"https://127.0.0.1:{port}")
    assert isinstance(error, ConnectionFailedError)
    assert "No connection to 127.0.0.1" in str(error)


def test_untrusted_certificate() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with listening(context, b"") as port:
        error = fail(f"https://127.0.0.1:{port}")
    assert isinstance(error, TrustError)
    assert "D365_CA_BUNDLE" in str(error)


def test_certificate_of_another_name() -> None:
    authority = trustme.CA()
    context, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), httpx.create_ssl_context()
    authority.issue_cert("contoso.example").configure_cert(context)
    authority.configure_trust(client)
    with listening(context, b"") as port:
        error = fail(f"https://127.0.0.1:{port}", verify=client)
    assert isinstance(error, TrustError)


def test_a_trickle_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_LONGEST_ANSWER", 0.2)
    authority = trustme.CA()
    context, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), httpx.create_ssl_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(client)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
    with listening(context, head, trickle=True) as port:
        error = fail(f"https://127.0.0.1:{port}", verify=client)
    assert isinstance(error, ConnectionFailedError)
    assert "did not answer in time" in str(error)


def test_plain_http_behind_an_https_address() -> None:
    with listening(None, b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        error = fail(f"https://127.0.0.1:{port}")
    assert isinstance(error, AddressError)
    assert "does not speak https" in str(error)


def test_the_wire_carries_the_link_byte_for_byte() -> None:
    authority = trustme.CA()
    context, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), httpx.create_ssl_context()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(client)
    seen: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    body = b'{"value":[]}'

    def serve() -> None:
        stream, _ = server.accept()
        with context.wrap_socket(stream, server_side=True) as secure:
            seen.append(secure.recv(65536).partition(b"\r\n")[0])
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            secure.sendall(head.encode() + body)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    path = '/api/data/v9.2/incidents?$select=title&$skiptoken=%3Ccookie%20x=%22%253c%22|^<">/%3E'
    url = f"https://127.0.0.1:{server.getsockname()[1]}"

    async def get() -> None:
        http = build_http(verify=client, trust_env=False)
        connection = Connection(url, tokens=TokenSource(NumberedIssuer()), http=http)
        await connection.get(f"{url}{path}", parse=json_object)
        await connection.close()

    run(get())
    thread.join(timeout=5)
    server.close()
    assert seen == [f"GET {path} HTTP/1.1".encode()]
