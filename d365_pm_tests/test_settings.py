"""Settings: defaults, refusals in a sentence, and no secret in any of them."""

import pytest

from d365_pm.errors import SettingsError
from d365_pm.settings import Language, SignIn, load_settings, require_connection

_SECRET = "planted-secret-4711"
_CONNECTION = {
    "D365_URL": "https://contoso.crm2.dynamics.com",
    "D365_TENANT_ID": "tenant",
    "D365_CLIENT_ID": "client",
    "D365_CLIENT_SECRET": _SECRET,
}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    """Neither the developer's variables nor a `.env` of the checkout may decide a test."""
    import os

    for name in list(os.environ):
        if name.startswith(("D365_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_no_environment():
    settings = load_settings()

    assert (str(settings.data_dir), settings.language, settings.start_date) == ("data", Language.PORTUGUESE, None)
    assert settings.authority is None
    assert settings.max_requests == 40


def test_dot_env_is_read_and_the_environment_wins(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("D365_PM_LANGUAGE=en\nD365_PM_START_DATE=2026-01-02\n")
    monkeypatch.setenv("D365_PM_START_DATE", "2026-03-04")

    settings = load_settings()

    assert settings.language is Language.ENGLISH
    assert settings.start_date is not None
    assert settings.start_date.isoformat() == "2026-03-04"


def test_a_trailing_slash_is_dropped_from_addresses(monkeypatch):
    monkeypatch.setenv("D365_URL", "https://contoso.crm2.dynamics.com/")

    assert load_settings().url == "https://contoso.crm2.dynamics.com"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        pytest.param("D365_URL", "http://contoso.crm2.dynamics.com", "D365_URL must be an https://", id="http"),
        pytest.param("D365_URL", "contoso.crm2.dynamics.com", "D365_URL must be an https://", id="no scheme"),
        pytest.param("D365_PM_TIMEZONE", "UTC-3", "D365_PM_TIMEZONE must be an IANA time zone", id="time zone"),
        pytest.param(
            "D365_PM_ACTIVITIES", "email_sent,calls", "D365_PM_ACTIVITIES must be all or names", id="activity"
        ),
        pytest.param("D365_PM_TABLES", "post,notes", "D365_PM_TABLES must be names out of", id="table"),
        pytest.param("D365_PM_TABLES", "survey_email", "D365_PM_TABLES must be names out of", id="table of a setting"),
        pytest.param(
            "D365_PM_PSEUDONYM_KEY", "short-key", "D365_PM_PSEUDONYM_KEY must have at least 32", id="short key"
        ),
        pytest.param("D365_PM_PROFILE", "literal", "D365_PM_PROFILE is not valid", id="profile"),
        pytest.param("D365_PM_LANGUAGE", "fr", "D365_PM_LANGUAGE is not valid", id="language"),
        pytest.param("D365_PM_START_DATE", "31/12/2025", "D365_PM_START_DATE is not valid", id="date"),
        pytest.param("D365_PM_THREADS", "0", "D365_PM_THREADS is not valid", id="threads"),
        pytest.param("D365_PM_MAX_REQUESTS", "0", "D365_PM_MAX_REQUESTS is not valid", id="requests"),
        pytest.param("D365_SIGN_IN", "password", "D365_SIGN_IN is not valid", id="sign-in"),
        pytest.param("D365_PM_MEMORY_LIMIT", "lots", "D365_PM_MEMORY_LIMIT is not valid", id="memory"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(monkeypatch, name, value, expected):
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=expected) as caught:
        load_settings()

    assert ".env.example" in str(caught.value)


def test_every_missing_variable_is_named_at_once():
    with pytest.raises(SettingsError) as caught:
        require_connection(load_settings())

    for name in ("D365_URL", "D365_TENANT_ID", "D365_CLIENT_ID", "D365_CLIENT_SECRET"):
        assert name in str(caught.value)


def test_the_secret_is_in_no_representation(monkeypatch):
    for name, value in _CONNECTION.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()

    require_connection(settings)

    assert _SECRET not in repr(settings) + str(settings)
    assert settings.client_secret is not None
    assert settings.client_secret.get_secret_value() == _SECRET


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        pytest.param({}, SignIn.SECRET, id="nothing"),
        pytest.param({"D365_CLIENT_SECRET": _SECRET}, SignIn.SECRET, id="secret"),
        pytest.param({"D365_CLIENT_CERTIFICATE": "a.pem"}, SignIn.CERTIFICATE, id="certificate"),
        pytest.param(
            {"D365_CLIENT_CERTIFICATE": "a.pem", "D365_CLIENT_SECRET": _SECRET}, SignIn.CERTIFICATE, id="both"
        ),
        pytest.param({"D365_FEDERATED_TOKEN_FILE": "t"}, SignIn.FEDERATED, id="federated"),
        pytest.param({"AZURE_FEDERATED_TOKEN_FILE": "t"}, SignIn.FEDERATED, id="federated by the platform"),
        pytest.param(
            {"AZURE_FEDERATED_TOKEN_FILE": "t", "D365_CLIENT_SECRET": _SECRET},
            SignIn.SECRET,
            id="secret first",
        ),
        pytest.param(
            {"D365_SIGN_IN": "managed-identity", "D365_CLIENT_SECRET": _SECRET}, SignIn.MANAGED_IDENTITY, id="explicit"
        ),
    ],
)
def test_the_kind_of_sign_in_is_what_is_configured(monkeypatch, given, kind):
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert load_settings().sign_in_kind is kind


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("secret", ["D365_TENANT_ID", "D365_CLIENT_ID", "D365_CLIENT_SECRET"]),
        ("certificate", ["D365_TENANT_ID", "D365_CLIENT_ID", "D365_CLIENT_CERTIFICATE"]),
        ("federated", ["D365_TENANT_ID", "D365_CLIENT_ID", "D365_FEDERATED_TOKEN_FILE"]),
        ("managed-identity", []),
        ("device-code", ["D365_TENANT_ID", "D365_CLIENT_ID"]),
    ],
)
def test_what_is_missing_is_named_for_the_kind_of_sign_in(monkeypatch, kind, needed):
    monkeypatch.setenv("D365_SIGN_IN", kind)

    with pytest.raises(SettingsError) as caught:
        require_connection(load_settings())

    names = ", ".join(["D365_URL", *needed])
    assert str(caught.value).startswith(
        f"{names} {'are' if needed else 'is'} not set, which D365_SIGN_IN={kind} needs;"
    )


def test_a_complete_kind_needs_no_variable_of_another(monkeypatch):
    monkeypatch.setenv("D365_SIGN_IN", "managed-identity")
    monkeypatch.setenv("D365_URL", "https://contoso.crm2.dynamics.com")
    settings = load_settings()

    require_connection(settings)

    assert settings.sign_in_kind is SignIn.MANAGED_IDENTITY
    assert (settings.tenant_id, settings.client_id, settings.client_secret) == (None, None, None)


def test_our_own_name_of_the_token_file_comes_before_that_of_the_platform(monkeypatch):
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "theirs")
    monkeypatch.setenv("D365_FEDERATED_TOKEN_FILE", "ours")

    assert str(load_settings().federated_token_file) == "ours"
