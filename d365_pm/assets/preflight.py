"""The doctor as an asset: its metadata is the report on the configured environment.

Belongs here: showing a report in the UI. Does not belong here: examining and judging (`d365_pm/doctor`). Nothing
depends on the asset and no job of ours runs it: materialize it from the UI before a first load, and after somebody
changed auditing, roles or tables. It never fails for what it finds; whoever wants to stop on that reads the metadata
`exit_status`.
"""

import asyncio

import dagster as dg

from d365_pm.assets.raw import OWNERS
from d365_pm.doctor import Finding, Outlook, Report, Severity, as_json, gather_facts, judge, wording
from d365_pm.doctor.load import LoadForecast
from d365_pm.settings import Settings

GROUP = "preflight"
DOCTOR = dg.AssetKey(["doctor"])


def build_doctor_asset(settings: Settings) -> dg.AssetsDefinition:
    """The asset `doctor`."""

    @dg.asset(
        key=DOCTOR,
        group_name=GROUP,
        kinds={"dataverse"},
        owners=OWNERS,
        pool="dataverse",
        description=(
            "What the Dataverse environment can give: findings with their remedies, and a forecast for every activity "
            "and attribute of the event log. The same as `d365-pm doctor`."
        ),
    )
    def doctor() -> dg.MaterializeResult[None]:
        report = judge(asyncio.run(gather_facts(settings)))
        return dg.MaterializeResult(metadata=report_metadata(report))

    return doctor


def report_metadata(report: Report) -> dict[str, dg.MetadataValue]:
    """A report as the UI shows it."""
    shown: dict[str, dg.MetadataValue] = {
        "summary": dg.MetadataValue.md(_summary(report)),
        "exit_status": dg.MetadataValue.int(int(report.status)),
        "findings": _findings(report.findings),
        "report": dg.MetadataValue.json(as_json(report)),
    }
    for severity in Severity:
        number = sum(finding.severity is severity for finding in report.findings)
        shown[f"findings_{severity}"] = dg.MetadataValue.int(number)
    if report.outlooks:
        shown["activities"] = _forecast(report.activities)
        shown["attributes"] = _forecast(report.attributes)
    if report.load:
        shown["full_load"] = _load(report.load)
    return shown


def _summary(report: Report) -> str:
    lines = wording.load_lines(report.facts, report.load) if report.load else []
    return "\n\n".join([f"**{wording.headline(report)}**", *lines])


def _findings(findings: tuple[Finding, ...]) -> dg.TableMetadataValue:
    return _table(
        ("check", "severity", "finding", "remedy"),
        [(each.check, str(each.severity), each.finding, each.remedy) for each in findings],
    )


def _forecast(outlooks: tuple[Outlook, ...]) -> dg.TableMetadataValue:
    return _table(
        ("name", "forecast", "reasons", "left", "remedies"),
        [
            (
                outlook.subject,
                wording.verdict(outlook),
                " ".join(outlook.reasons),
                "; ".join(wording.losses(outlook)),
                " ".join(outlook.remedies),
            )
            for outlook in outlooks
        ],
    )


def _load(load: LoadForecast) -> dg.TableMetadataValue:
    return _table(
        ("table", "rows", "requests", "seconds"),
        [
            (
                each.table,
                "not counted" if each.rows is None else str(each.rows),
                str(each.pages),
                "" if each.seconds is None else f"{each.seconds:.1f}",
            )
            for each in load.tables
        ],
    )


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> dg.TableMetadataValue:
    """Rows as a table; the schema is given, because without rows there is none to infer."""
    schema = dg.TableSchema(columns=[dg.TableColumn(name, "string") for name in columns])
    return dg.MetadataValue.table([dg.TableRecord(dict(zip(columns, row, strict=True))) for row in rows], schema=schema)
