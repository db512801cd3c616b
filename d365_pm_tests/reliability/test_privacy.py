"""Privacy of the wire: runs that fail in many ways, and everything that they leave searched for what must not be there.

Searched are all log records at DEBUG, the error with its traceback and causes, Dagster's events, and every file of the
data directory but Parquet, which is where rows belong.
"""

import asyncio
import datetime as dt
import functools
import logging
import os
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import httpx
import pytest
import trustme

from d365_pm.assets.extraction import extract
from d365_pm.assets.raw import build_raw_assets
from d365_pm.dataverse import client, connection, opening
from d365_pm.dataverse.retry import RetryPolicy
from d365_pm.dataverse.transport import build_http
from d365_pm.errors import D365PMError
from d365_pm.lake import Window
from d365_pm.sandbox.serving import RunningSandbox, running_server
from d365_pm.sandbox.switches import Switches
from d365_pm.settings import Settings, load_settings
from d365_pm_tests.reliability.fault_desk import PAGE, START, tables
from d365_pm_tests.reliability.planting import COOKIE, FAILURES, ROW, WORDS, Failure, Planter

SECRET, PASSWORD = "planted~client.Secret-8Q", "planted~Password-9W"

_HASTY = functools.partial(
    RetryPolicy, attempts=2, shrink_attempts=2, throttles=2, first_pause=0.001, longest_pause=0.001
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_server(tables(), Switches(max_page_size=PAGE)) as running:
        yield running


class Ear(logging.Handler):
    """Hears every record, with everything that is in it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.getMessage()} {record.args!r}")
        if record.exc_info and record.exc_info[1]:
            self.heard.append(told(record.exc_info[1]))


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Listens to all loggers, each turned up to DEBUG whatever it was."""
    heard = Ear()
    loggers = [logging.getLogger(name) for name in [None, *logging.root.manager.loggerDict]]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        if logger is logging.root or not logger.propagate:
            logger.addHandler(heard)
    yield heard
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
        logger.removeHandler(heard)


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: RunningSandbox) -> Callable[..., Settings]:
    """Settings from environment variables alone, for a data directory of their own."""
    for name in list(os.environ):
        if name.startswith(("D365_", "DAGSTER_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connection, "RetryPolicy", _HASTY)

    def configured(**changed: str) -> Settings:
        own = {"D365_PM_DATA_DIR": str(tmp_path / "data"), "D365_PM_START_DATE": START.date().isoformat()}
        for name, value in {**sandbox.env, **own, **changed}.items():
            monkeypatch.setenv(name, value)
        return load_settings()

    return configured


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Planter]]:
    """Put the planting wire under every client that is opened."""

    def planted(failure: Failure, *, on_first_page: bool) -> list[Planter]:
        wires: list[Planter] = []

        def build(**options: bool) -> httpx.AsyncClient:
            http = build_http(**options)
            wires.append(Planter(http._transport, failure, on_first_page=on_first_page))
            http._transport = wires[-1]
            return http

        for module in (client, opening):
            monkeypatch.setattr(module, "build_http", build, raising=False)
        return wires

    return planted


def told(error: BaseException) -> str:
    """All that an error says of itself and of what it was caused by."""
    texts = traceback.format_exception(error)
    cause: BaseException | None = error
    while cause is not None:
        texts += [str(cause), repr(cause), repr(vars(cause)), repr(cause.args)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(texts)


def read(settings: Settings) -> str:
    """Extract the cases, which must fail; what the error tells."""
    window = Window(START, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))

    async def run() -> None:
        async with asyncio.timeout(60):
            async for _ in extract(settings, ["incident"], window):
                pass

    with pytest.raises(D365PMError) as caught:
        asyncio.run(run())
    return told(caught.value)


def files(folder: Path) -> str:
    """All that is written, the files that hold the rows excepted: Parquet, and Arrow while a load goes on."""
    parts = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".parquet", ".arrow")]
    return "\n".join(f"{path.name}\n{path.read_bytes().decode('latin-1')}" for path in parts)


def assert_nothing(printed: dict[str, str], *secrets: str) -> None:
    found = [
        f"{place}: …{text[max(0, text.find(secret) - 300) : text.find(secret) + 80]}…"
        for place, text in printed.items()
        for secret in (ROW, COOKIE, WORDS, SECRET, PASSWORD, *secrets)
        if secret and secret in text
    ]
    assert found == []


_FIRST = ("401", "200-page", "200-cut", "403-privilege")
"""Failures that mean something else before anything was answered."""


@pytest.mark.parametrize(
    ("name", "on_first_page"), [(name, False) for name in FAILURES] + [(name, True) for name in _FIRST]
)
def test_a_failing_extraction_gives_nothing_away(
    name: str,
    on_first_page: bool,
    configure: Callable[..., Settings],
    plant: Callable[..., list[Planter]],
    ear: Ear,
    sandbox: RunningSandbox,
) -> None:
    settings = configure()
    wires = plant(FAILURES[name], on_first_page=on_first_page)
    error = read(settings)
    assert sum(wire.failures for wire in wires) > 0
    assert len(ear.heard) > 0
    tokens = {token for wire in wires for token in wire.tokens}
    assert any(len(token) > 20 for token in tokens)
    printed = {"error": error, "log": "\n".join(ear.heard), "files": files(settings.data_dir)}
    assert_nothing(printed, sandbox.env["D365_CLIENT_SECRET"], *tokens)


@pytest.mark.parametrize("name", ["403-privilege", "200-cut", "foreign-link"])
def test_a_failing_dagster_run_gives_nothing_away(
    name: str,
    configure: Callable[..., Settings],
    plant: Callable[..., list[Planter]],
    ear: Ear,
    sandbox: RunningSandbox,
) -> None:
    settings = configure()
    wires = plant(FAILURES[name], on_first_page=False)
    first = START.date()
    days = dg.DailyPartitionsDefinition(
        start_date=first.isoformat(), end_date=(first + dt.timedelta(days=2)).isoformat()
    )
    home = settings.data_dir / "dagster"
    home.mkdir(parents=True)
    with dg.DagsterInstance.local_temp(str(home)) as instance:
        result = dg.materialize(
            [*build_raw_assets(settings, days)],
            selection=[dg.AssetKey(["raw", "incident"])],
            partition_key=first.isoformat(),
            instance=instance,
            raise_on_error=False,
        )
        entries = instance.all_logs(result.run_id)
        events = "\n".join(f"{entry!r}\n{entry.to_json()}\n{entry.user_message}" for entry in entries)
    assert not result.success
    assert sum(wire.failures for wire in wires) > 0
    tokens = {token for wire in wires for token in wire.tokens}
    printed = {"log": "\n".join(ear.heard), "events": events, "files": files(settings.data_dir)}
    assert "STEP_FAILURE" in events
    assert_nothing(printed, sandbox.env["D365_CLIENT_SECRET"], *tokens)


def _certificate(folder: Path, sandbox: RunningSandbox) -> dict[str, str]:
    """A certificate that the identity provider does not know."""
    file = folder / "client.pem"
    leaf = trustme.CA().issue_cert("client.example", key_type=trustme.KeyType.RSA)
    leaf.private_key_and_cert_chain_pem.write_to_path(str(file))
    return {"D365_CLIENT_CERTIFICATE": str(file), "D365_CLIENT_CERTIFICATE_PASSWORD": PASSWORD}


def _cut_key(folder: Path, sandbox: RunningSandbox) -> dict[str, str]:
    given = _certificate(folder, sandbox)
    file = Path(given["D365_CLIENT_CERTIFICATE"])
    file.write_text(file.read_text().replace("\n", f"\n{SECRET}", 3))
    return given


def _projected(folder: Path, sandbox: RunningSandbox) -> dict[str, str]:
    file = folder / "projected"
    file.write_text(f"{SECRET}.{ROW}.{COOKIE}")
    return {"D365_SIGN_IN": "federated", "D365_FEDERATED_TOKEN_FILE": str(file)}


def _junk(folder: Path, sandbox: RunningSandbox) -> dict[str, str]:
    file = folder / "projected"
    file.write_text(SECRET)
    return {"D365_SIGN_IN": "federated", "D365_FEDERATED_TOKEN_FILE": str(file)}


SIGN_INS: dict[str, Callable[[Path, RunningSandbox], dict[str, str]]] = {
    "wrong-secret": lambda folder, sandbox: {"D365_CLIENT_SECRET": SECRET},
    "secret-for-another-application": lambda folder, sandbox: {
        "D365_CLIENT_SECRET": SECRET,
        "D365_CLIENT_ID": "99999999-9999-9999-9999-999999999999",
    },
    "no-provider": lambda folder, sandbox: {
        "D365_CLIENT_SECRET": SECRET,
        "D365_AUTHORITY": f"{sandbox.url}/api/nowhere",
    },
    "unknown-certificate": _certificate,
    "damaged-certificate": _cut_key,
    "unknown-federation": _projected,
    "junk-for-a-federation": _junk,
}


@pytest.mark.parametrize("name", SIGN_INS)
def test_a_failing_sign_in_gives_nothing_away(
    name: str, configure: Callable[..., Settings], ear: Ear, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    changed = SIGN_INS[name](tmp_path, sandbox)
    settings = configure(**changed)
    error = read(settings)
    key = changed.get("D365_CLIENT_CERTIFICATE")
    lines = [line for line in Path(key).read_text().splitlines() if len(line) == 64] if key else []
    printed = {"error": error, "log": "\n".join(ear.heard), "settings": f"{settings!r}"}
    if settings.data_dir.exists():
        printed["files"] = files(settings.data_dir)
    assert_nothing(printed, *lines)


def test_the_search_finds_what_is_there(ear: Ear, tmp_path: Path) -> None:
    """The net has no hole: a secret in each of the places is found."""
    logging.getLogger("httpx").info("a link with %s", COOKIE)
    logging.getLogger("d365_pm.anything").debug("a value: %s", ROW)
    (tmp_path / "state.json").write_text(SECRET)
    (tmp_path / "part.parquet").write_text(ROW)
    error = D365PMError(WORDS)
    assert ROW in "\n".join(ear.heard)
    assert SECRET in files(tmp_path)
    assert ROW not in files(tmp_path)
    with pytest.raises(AssertionError, match=WORDS):
        assert_nothing({"error": told(error)})
