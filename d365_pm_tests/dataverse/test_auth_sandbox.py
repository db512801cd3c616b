"""The kinds of sign-in against the sandbox, from settings to an answered request."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from d365_pm.dataverse.opening import open_connection
from d365_pm.dataverse.reply import json_object
from d365_pm.sandbox.federation import write_federated_token
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings
from d365_pm_tests.dataverse.wire import run
from d365_pm_tests.reliability.fault_desk import tables


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_server(tables(), Switches(has_managed_identity=True, requests_hint=3)) as running:
        yield running


def who_am_i(sandbox: RunningSandbox, **changed: Any) -> dict[str, Any]:
    given = {name.removeprefix("D365_").lower(): value for name, value in sandbox.env.items()}
    settings = Settings(_env_file=None, **(given | changed))

    async def ask() -> dict[str, Any]:
        connection = open_connection(settings)
        try:
            answer = await connection.get(f"{connection.base}WhoAmI", parse=json_object)
            assert connection.statistics.recommended == 3
            assert connection.statistics.concurrency <= 3
            return answer
        finally:
            await connection.close()

    return run(ask())


def test_a_secret_signs_in(sandbox: RunningSandbox) -> None:
    assert "UserId" in who_am_i(sandbox, sign_in="secret")


def test_a_certificate_signs_in(sandbox: RunningSandbox) -> None:
    assert "UserId" in who_am_i(sandbox, client_secret=None, client_certificate=Path(sandbox.certificate))


def test_a_federated_token_signs_in(sandbox: RunningSandbox, tmp_path: Path) -> None:
    file = tmp_path / "federated.jwt"
    write_federated_token(sandbox.credentials, file)
    assert "UserId" in who_am_i(sandbox, client_secret=None, D365_FEDERATED_TOKEN_FILE=file)


@pytest.mark.parametrize("where", ["machine_env", "app_service_env"])
def test_a_managed_identity_signs_in(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    for name, value in getattr(sandbox, where).items():
        monkeypatch.setenv(name, value)
    given = {"sign_in": "managed-identity", "client_secret": None, "tenant_id": None, "client_id": None}
    assert "UserId" in who_am_i(sandbox, **given)


def test_a_person_signs_in_by_a_code(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    shown: list[str] = []
    monkeypatch.setattr("d365_pm.dataverse.auth.terminal", lambda: shown.append)
    for _ in range(2):
        assert "UserId" in who_am_i(sandbox, sign_in="device-code", client_secret=None)
    assert len(shown) == 1
