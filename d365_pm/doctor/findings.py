"""The findings: one line for each check, with what was found and what to do about it.

Pure: facts in, findings out, problems first. Checks of the connection and of the environment are here; those of tables
are in `table_findings.py`, those of auditing in `audit_findings.py`.
"""

from collections.abc import Iterator

from d365_pm.doctor import remedies
from d365_pm.doctor.audit_findings import audit_findings
from d365_pm.doctor.facts import Facts
from d365_pm.doctor.finding import ORDER, Finding, Severity
from d365_pm.doctor.load import CUSTOMER_SERVICE_ENTITLEMENT, SMALLEST_ENTITLEMENT, LoadForecast, forecast_load
from d365_pm.doctor.table_findings import table_findings


def find(facts: Facts) -> tuple[Finding, ...]:
    """Every finding, the gravest first."""
    found = [*_connection(facts)]
    if not facts.failure:
        found += [
            *_environment(facts),
            *table_findings(facts),
            *audit_findings(facts),
            *_load(facts, forecast_load(facts)),
            *_unanswered(facts),
        ]
    return tuple(sorted(found, key=lambda finding: ORDER.index(finding.severity)))


def _connection(facts: Facts) -> Iterator[Finding]:
    if facts.failure is None:
        how = f" by {facts.sign_in}" if facts.sign_in else ""
        yield Finding("connection", Severity.OK, f"Signed in to {facts.address}{how}.")
        return
    problem, remedy = _split(facts.failure.reason)
    if facts.address is None:
        remedy = (
            "Put the variables into .env (see .env.example); or examine the sandbox of make demo: d365-pm doctor "
            "--sandbox."
        )
    where = f"{facts.address} cannot be examined. " if facts.address else ""
    yield Finding(facts.failure.question, Severity.FATAL, f"{where}{problem}", remedy)


def _split(sentence: str) -> tuple[str, str]:
    """Our errors say what is wrong and, behind a colon or semicolon, what to do."""
    for separator in (": ", "; "):
        problem, _, remedy = sentence.partition(separator)
        if remedy:
            return f"{problem}.", f"{remedy[:1].upper()}{remedy[1:]}"
    return sentence, "Run d365-pm doctor again once that is put right."


def _environment(facts: Facts) -> Iterator[Finding]:
    if facts.version:
        yield Finding("version", Severity.OK, f"Dataverse {facts.version}.")
    if facts.caller:
        spoken = [f"User {facts.caller.user_id}"]
        spoken += [f"UI language {facts.caller.language}"] if facts.caller.language else []
        spoken += [f"time zone code {facts.caller.time_zone_code}"] if facts.caller.time_zone_code is not None else []
        note = "; the log does not depend on language and zone, since labels come from metadata."
        yield Finding("identity", Severity.OK, f"{', '.join(spoken)}{note}")
    yield from _languages(facts)
    if facts.requests_hint:
        sentence = f"The server recommends {facts.requests_hint} requests at once."
        yield Finding("parallelism", Severity.OK, sentence)


def _languages(facts: Facts) -> Iterator[Finding]:
    languages, wanted = facts.label_languages, facts.wanted_language
    if languages is None:
        return
    known = ", ".join(str(language) for language in sorted(languages))
    if wanted in languages:
        yield Finding("languages", Severity.OK, f"Options have labels in {known}; the log wants {wanted}.")
    else:
        sentence = f"Options have labels in {known}, not in {wanted}; the log shows another language for them."
        yield Finding("languages", Severity.LOSS, sentence, remedies.add_label_language(wanted))


def _load(facts: Facts, load: LoadForecast) -> Iterator[Finding]:
    counts = [table.rows for table in facts.tables.values() if table.is_readable and table.rows is not None]
    if counts and not any(counts) and any(timing.rows for timing in facts.timings):
        sentence = "The server's row counts are all zero although there are rows: its daily count has not run."
        remedy = "Wait a day for the count, and take the load forecast as unknown until then."
        yield Finding("row_counts", Severity.ADVICE, sentence, remedy)
    if load.requests > SMALLEST_ENTITLEMENT:
        sentence = (
            f"A full load takes about {load.requests:,} requests; the entitlement of 24 hours begins at "
            f"{SMALLEST_ENTITLEMENT:,} (Power Apps only) or {CUSTOMER_SERVICE_ENTITLEMENT:,} (Dynamics 365)."
        )
        yield Finding(
            "request_budget", Severity.ADVICE, sentence, "Load the history in parts: d365-pm run --from, --to."
        )


def _unanswered(facts: Facts) -> Iterator[Finding]:
    for each in facts.unanswered:
        sentence = f"{each.question} could not be found out: {each.reason}"
        yield Finding(
            "unanswered",
            Severity.ADVICE,
            sentence,
            "Run d365-pm doctor again; until then the forecast is silent about it.",
        )
