"""The identity provider that belongs to an environment: reference 1.6."""

from typing import Any

import pytest

from d365_pm.dataverse.clouds import authority
from d365_pm.errors import SettingsError
from d365_pm.settings import Settings

PUBLIC, GOVERNMENT = "https://login.microsoftonline.com", "https://login.microsoftonline.us"
CHINA = "https://login.partner.microsoftonline.cn"


def chosen(url: str, given: str | None = None) -> str:
    options: dict[str, Any] = {"url": url, "authority": given}
    return authority(Settings(_env_file=None, **options))


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("contoso.crm.dynamics.com", PUBLIC),
        ("contoso.crm2.dynamics.com", PUBLIC),
        ("contoso.api.crm4.dynamics.com", PUBLIC),
        ("contoso.crm9.dynamics.com", PUBLIC),
        ("contoso.crm.microsoftdynamics.us", GOVERNMENT),
        ("contoso.api.crm.microsoftdynamics.us", GOVERNMENT),
        ("contoso.crm.appsplatform.us", GOVERNMENT),
        ("contoso.crm.dynamics.cn", CHINA),
        ("CONTOSO.CRM.DYNAMICS.CN.", CHINA),
        ("dataverse.example.org", PUBLIC),
        ("evil-dynamics.cn", PUBLIC),
        ("dynamics.cn.example.org", PUBLIC),
        ("127.0.0.1:8443", PUBLIC),
    ],
)
def test_the_host_of_the_environment_decides(host: str, expected: str) -> None:
    assert chosen(f"https://{host}") == expected


@pytest.mark.parametrize(
    "given", ["https://127.0.0.1:9000", "https://login.example.org", "https://login.chinacloudapi.cn"]
)
def test_an_explicit_authority_wins(given: str) -> None:
    assert chosen("https://contoso.crm.dynamics.cn", given) == given


@pytest.mark.parametrize("given", [PUBLIC, GOVERNMENT, CHINA])
def test_an_environment_of_no_known_cloud_takes_any_authority(given: str) -> None:
    assert chosen("https://dataverse.example.org", given) == given


@pytest.mark.parametrize(
    ("url", "given", "right"),
    [
        ("https://contoso.crm.dynamics.cn", PUBLIC, CHINA),
        ("https://contoso.crm.microsoftdynamics.us", "https://login.windows.net", GOVERNMENT),
        ("https://contoso.crm2.dynamics.com", "https://login.chinacloudapi.cn", PUBLIC),
    ],
)
def test_an_authority_of_another_cloud_is_refused_with_the_right_one(url: str, given: str, right: str) -> None:
    with pytest.raises(SettingsError, match="D365_AUTHORITY") as caught:
        chosen(url, given)
    assert f"set it to {right}" in str(caught.value)
