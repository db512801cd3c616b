"""Every setting, typed, read from the environment and from `.env`.

Belongs here: names, types, defaults and the sentences that say what is missing. Does not belong here: what is done with
them. Nothing is read at import, so definitions load without any secret.
"""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from d365_pm.contracts.optional_tables import NAMED_TABLES, OPTIONAL_TABLES, SURVEY_EMAIL, tables_of
from d365_pm.contracts.seeds import EXTENDED_ACTIVITIES
from d365_pm.errors import SettingsError
from d365_pm.paths import sql_root

_ALL = "all"
_SHORTEST_KEY = 32
PUBLIC_AUTHORITY = "https://login.microsoftonline.com"


class Language(StrEnum):
    """Language of the labels in the event log."""

    PORTUGUESE = "pt-BR"
    ENGLISH = "en"

    @property
    def lcid(self) -> int:
        """Windows language code under which Dataverse keeps the labels."""
        return 1046 if self is Language.PORTUGUESE else 1033


class Profile(StrEnum):
    """Which reading of the data template the rules start from."""

    RECOMMENDED = "recommended"
    TEMPLATE_LITERAL = "template_literal"


class SignIn(StrEnum):
    """How to prove who we are."""

    AUTO = "auto"
    SECRET = "secret"  # noqa: S105 - the name of a kind
    CERTIFICATE = "certificate"
    FEDERATED = "federated"
    MANAGED_IDENTITY = "managed-identity"
    DEVICE_CODE = "device-code"


class Settings(BaseSettings):
    """The settings of one run; `.env.example` explains each."""

    model_config = SettingsConfigDict(env_file=".env", env_prefix="D365_", extra="ignore", env_ignore_empty=True)

    url: str | None = None
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    client_certificate: Path | None = None
    client_certificate_password: SecretStr | None = None
    federated_token_file: Path | None = Field(
        default=None, validation_alias=AliasChoices("D365_FEDERATED_TOKEN_FILE", "AZURE_FEDERATED_TOKEN_FILE")
    )
    sign_in: SignIn = SignIn.AUTO
    authority: str | None = None
    ca_bundle: Path | None = None

    data_dir: Path = Field(default=Path("data"), validation_alias="D365_PM_DATA_DIR")
    language: Language = Field(default=Language.PORTUGUESE, validation_alias="D365_PM_LANGUAGE")
    start_date: date | None = Field(default=None, validation_alias="D365_PM_START_DATE")
    profile: Profile = Field(default=Profile.RECOMMENDED, validation_alias="D365_PM_PROFILE")
    time_zone: str = Field(default="UTC", validation_alias="D365_PM_TIMEZONE")
    activities: str = Field(default="", validation_alias="D365_PM_ACTIVITIES")
    tables: str = Field(default="", validation_alias="D365_PM_TABLES")
    survey_links: str = Field(default="", validation_alias="D365_PM_SURVEY_LINKS")
    pseudonym_key: SecretStr | None = Field(default=None, validation_alias="D365_PM_PSEUDONYM_KEY")
    seeds_dir: Path | None = Field(default=None, validation_alias="D365_PM_SEEDS_DIR")
    memory_limit: str = Field(
        default="4GB", validation_alias="D365_PM_MEMORY_LIMIT", pattern=r"^\d+(\.\d+)?\s*[KMGT]i?B$"
    )
    request_budget: int | None = Field(default=None, validation_alias="D365_PM_REQUEST_BUDGET", ge=1)
    audit_route: Literal["auto", "changedata", "record_history", "details"] = Field(
        default="auto", validation_alias="D365_PM_AUDIT_ROUTE"
    )
    max_requests: int = Field(default=40, validation_alias="D365_PM_MAX_REQUESTS", ge=1)
    threads: int | None = Field(default=None, validation_alias="D365_PM_THREADS", ge=1)
    max_age_hours: float = Field(default=26.0, validation_alias="D365_PM_MAX_AGE_HOURS", gt=0)

    @field_validator("url", "authority")
    @classmethod
    def _https_without_trailing_slash(cls, value: str | None) -> str | None:
        """Normalise: a trailing slash would double in the token's audience and in every URL."""
        if value is None:
            return None
        parts = urlsplit(value.strip())
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("must be an https:// address such as https://contoso.crm2.dynamics.com")
        return value.strip().rstrip("/")

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        """An offset would be wrong for half of a year, or for the years before a reform."""
        if value not in available_timezones():
            raise ValueError("must be an IANA time zone such as America/Sao_Paulo")
        return value

    @field_validator("activities")
    @classmethod
    def _known_activities(cls, value: str) -> str:
        unknown = sorted(_words(value) - EXTENDED_ACTIVITIES - {_ALL})
        if unknown:
            raise ValueError(
                f"must be {_ALL} or names out of {', '.join(sorted(EXTENDED_ACTIVITIES))}, separated by commas; "
                f"there is no {', '.join(unknown)}"
            )
        return value

    @field_validator("tables")
    @classmethod
    def _known_tables(cls, value: str) -> str:
        unknown = sorted(_words(value) - NAMED_TABLES)
        if unknown:
            raise ValueError(
                f"must be names out of {', '.join(sorted(NAMED_TABLES))}, separated by commas; "
                f"there is no {', '.join(unknown)}"
            )
        return value

    @field_validator("pseudonym_key")
    @classmethod
    def _long_key(cls, value: SecretStr | None) -> SecretStr | None:
        """A short key can be found by trying all."""
        if value is not None and len(value.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"must have at least {_SHORTEST_KEY} characters, such as openssl rand -hex 32 prints")
        return value

    @property
    def pseudonym_secret(self) -> bytes | None:
        """Key of the pseudonyms that agents and customers have in the log; None where they have their names."""
        return self.pseudonym_key.get_secret_value().encode() if self.pseudonym_key else None

    @property
    def tables_left_out(self) -> frozenset[str]:
        """Optional tables that no setting and no activity asks for."""
        linked = {SURVEY_EMAIL} if self.survey_link_parts else frozenset()
        return OPTIONAL_TABLES - _words(self.tables) - tables_of(self.extended_activities) - linked

    @property
    def survey_link_parts(self) -> tuple[str, ...]:
        """Texts by which the body of an e-mail shows that it invites to a survey."""
        return tuple(sorted(_words(self.survey_links)))

    @property
    def extended_activities(self) -> frozenset[str]:
        """Activities beyond the template's thirteen that the log shall have."""
        named = _words(self.activities)
        return EXTENDED_ACTIVITIES if _ALL in named else named

    @property
    def sign_in_kind(self) -> SignIn:
        """The kind of sign-in, never `AUTO`: the one that is configured, the strongest if several are."""
        if self.sign_in is not SignIn.AUTO:
            return self.sign_in
        if self.client_certificate:
            return SignIn.CERTIFICATE
        return SignIn.FEDERATED if self.federated_token_file and not self.client_secret else SignIn.SECRET

    @property
    def profile_dir(self) -> Path | None:
        """Folder of the seeds in which the profile differs from those that ship; None for the recommended one."""
        return None if self.profile is Profile.RECOMMENDED else sql_root() / "profiles" / self.profile

    @property
    def warehouse(self) -> Path:
        """The published DuckDB file that readers open."""
        return self.data_dir / "warehouse.duckdb"

    @property
    def raw(self) -> Path:
        """Root of the raw layer."""
        return self.data_dir / "raw"


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Raises:
        SettingsError: A value cannot be used; the message names the variable, never the value.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_sentence(error)) from None


def _sentence(error: ValidationError) -> str:
    problems = [f"{_variable(problem['loc'])} {_reason(problem)}" for problem in error.errors(include_input=False)]
    return f"{'; '.join(problems)}. Correct it in the environment or in .env (see .env.example)."


def _variable(location: tuple[int | str, ...]) -> str:
    name = str(location[0]) if location else "a setting"
    return name if name.startswith("D365_") else f"D365_{name.upper()}"


def _reason(problem: Any) -> str:
    text = str(problem["msg"]).removeprefix("Value error, ")
    return text if text.startswith("must") else f"is not valid: {text[:1].lower()}{text[1:]}"


def require_connection(settings: Settings) -> None:
    """Refuse settings that cannot reach a Dataverse.

    Raises:
        SettingsError: Names every missing variable at once.
    """
    missing = [name for name, value in _needed(settings).items() if not value]
    if not missing:
        return
    names = f"{', '.join(missing)} {'are' if len(missing) > 1 else 'is'} not set"
    kind = "" if settings.sign_in is SignIn.AUTO else f", which D365_SIGN_IN={settings.sign_in} needs"
    raise SettingsError(f"{names}{kind}; put it into .env (see .env.example), or run `make demo` for the sandbox.")


def _needed(settings: Settings) -> dict[str, object]:
    """Variables that the kind of sign-in needs, with what they are set to."""
    application = {"D365_TENANT_ID": settings.tenant_id, "D365_CLIENT_ID": settings.client_id}
    proofs: dict[SignIn, dict[str, object]] = {
        SignIn.SECRET: {**application, "D365_CLIENT_SECRET": settings.client_secret},
        SignIn.CERTIFICATE: {**application, "D365_CLIENT_CERTIFICATE": settings.client_certificate},
        SignIn.FEDERATED: {**application, "D365_FEDERATED_TOKEN_FILE": settings.federated_token_file},
        SignIn.MANAGED_IDENTITY: {},
        SignIn.DEVICE_CODE: {**application},
    }
    proof = proofs[settings.sign_in_kind]
    if settings.sign_in is SignIn.AUTO and "D365_CLIENT_SECRET" in proof:
        proof["D365_CLIENT_SECRET or D365_CLIENT_CERTIFICATE (or D365_SIGN_IN for another kind)"] = proof.pop(
            "D365_CLIENT_SECRET"
        )
    return {"D365_URL": settings.url, **proof}
