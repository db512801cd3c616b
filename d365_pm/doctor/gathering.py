"""The doctor's round: from settings to facts, whatever the environment is like."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from d365_pm.dataverse import DataverseClient
from d365_pm.doctor.examination import Examination, Progress
from d365_pm.doctor.facts import Facts, Unanswered
from d365_pm.doctor.rules import read_rules
from d365_pm.errors import D365PMError, SettingsError
from d365_pm.settings import Settings


async def gather_facts(settings: Settings, *, progress: Progress = lambda _: None) -> Facts:
    """Examine the configured environment.

    Args:
        settings: Which environment, and the organisation's own rules.
        progress: Told in words what is asked next.

    Returns:
        The facts; with `failure` set if the environment could not be asked at all.
    """
    address = urlsplit(settings.url or "").hostname
    facts = Facts(
        asked_at=datetime.now(UTC),
        address=address,
        sign_in=settings.sign_in_kind.replace("-", " ") if settings.url else None,
        wanted_language=settings.language.lcid,
    )
    try:
        rules, chosen = read_rules(settings.seeds_dir, profile=settings.profile_dir)
        linked = {"email_templates.survey"} if settings.survey_link_parts else set()
        facts = replace(facts, rules=rules | linked, chosen_columns=chosen)
        async with DataverseClient.open(settings) as client:
            return await Examination(client, facts, progress).run()
    except SettingsError as error:
        return replace(facts, failure=Unanswered("settings", str(error)))
    except D365PMError as error:
        return replace(facts, failure=Unanswered("connection", str(error)))
