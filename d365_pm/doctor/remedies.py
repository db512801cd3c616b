"""What an administrator has to change, and where: menu paths and the settings behind them.

Only sentences. Paths as of the Power Platform admin centre and the maker portal; the setting in brackets is what stays
when menus move. Source: Web API reference 1.5, 5.3 and 7.1, dataverse-tables 8.3.
"""

ADMIN = "Power Platform admin centre → Environments → the environment → Settings"
MAKER = "Power Apps maker portal → Tables"
ROLE = f"{ADMIN} → Users + permissions → Security roles → the application user's role"

ASK_AGAIN = "See the finding unanswered, and run d365-pm doctor again."
TRACK = f"{MAKER} → the table → Properties → Advanced options: tick Track changes (ChangeTrackingEnabled)."

_LABELS = {
    "incident": "Case",
    "queueitem": "Queue Item",
    "incidentresolution": "Case Resolution",
    "systemuser": "User",
    "slakpiinstance": "SLA KPI Instance",
}
_READ_PRIVILEGES = {
    **dict.fromkeys(
        (
            "activitypointer",
            "activityparty",
            "adx_portalcomment",
            "email",
            "incidentresolution",
            "msfp_surveyinvite",
            "msfp_surveyresponse",
            "phonecall",
            "task",
        ),
        "prvReadActivity",
    ),
    "audit": "prvReadAuditSummary",
    "systemuser": "prvReadUser",
}
_TABS = {
    "account": "Core Records",
    "contact": "Core Records",
    "email": "Core Records",
    "queue": "Core Records",
    "incident": "Service",
    "systemuser": "Business Management",
    "team": "Business Management",
    "businessunit": "Business Management",
}
_SOLUTIONS = {
    "msfp_": "Dynamics 365 Customer Voice",
    "adx_": "a Power Pages (portal) site with the customer self-service template",
    "msdyn_": "the Dynamics 365 Customer Service app",
}


def label(table: str) -> str:
    """A table as an administrator finds it."""
    return f"{_LABELS[table]} ({table})" if table in _LABELS else table


def read_privilege(table: str) -> str:
    """Name of the privilege to read a table; activities share one."""
    return _READ_PRIVILEGES.get(table, f"prvRead{table}")


def grant_read(table: str) -> str:
    """How to let the application user read a table."""
    tab = _TABS.get(table) or ("Core Records" if read_privilege(table) == "prvReadActivity" else None)
    where = f"tab {tab}, " if tab else ""
    row = "Activity" if read_privilege(table) == "prvReadActivity" else label(table)
    return f"{ROLE} → {where}row {row}: Read = Organization ({read_privilege(table)})."


def grant_audit_summary() -> str:
    """How to let the application user read audit rows."""
    return f"{ROLE} → tab Miscellaneous (Miscellaneous privileges): View Audit Summary (prvReadAuditSummary)."


def grant_audit_history() -> str:
    """How to let the application user read the values of audit rows."""
    return f"{ROLE} → tab Miscellaneous (Miscellaneous privileges): View Audit History (prvReadRecordAuditHistory)."


def audit_organization() -> str:
    """How to switch auditing on for the environment."""
    return f"{ADMIN} → Audit and logs → Audit settings: tick Start Auditing (organization.isauditenabled = true)."


def audit_table(table: str) -> str:
    """How to switch auditing on for a table."""
    return (
        f"{MAKER} → {label(table)} → Properties → Advanced options: tick Audit changes to its data "
        "(IsAuditEnabled of the table), then publish."
    )


def audit_column(table: str, column: str) -> str:
    """How to switch auditing on for a column."""
    return (
        f"{MAKER} → {label(table)} → Columns → {column} → Advanced options: tick Enable auditing "
        f"(isauditenabled of {table}.{column}), then publish."
    )


def keep_audit() -> str:
    """How to keep audit rows longer."""
    return (
        f"{ADMIN} → Audit and logs → Audit settings: Retain these logs for = Forever, or longer than your history "
        "(organization.auditretentionperiodv2); load at least daily until then. Rows that exist keep their old period."
    )


def install(table: str) -> str:
    """What brings a table that the environment lacks."""
    for prefix, solution in _SOLUTIONS.items():
        if table.startswith(prefix):
            return (
                f"Install {solution} (Power Platform admin centre → Manage → Dynamics 365 apps) if your organisation "
                "uses it; otherwise there is nothing to do."
            )
    return (
        f"Check that D365_URL names an environment with Dynamics 365 Customer Service, and that the role may read it: "
        f"{grant_read(table)}"
    )


def restore_column(table: str, column: str) -> str:
    """What brings a column that a table lacks."""
    return (
        f"{MAKER} → {label(table)} → Columns: look for {column}. A column of a solution comes with its update (Power "
        "Platform admin centre → Manage → Dynamics 365 apps); nothing else is lost without it."
    )


def open_column(table: str, column: str) -> str:
    """How to let the application user read a secured column."""
    return (
        f"{ADMIN} → Users + permissions → Column security profiles: add the application user to a profile that allows "
        f"Read of {table}.{column}."
    )


def add_label_language(language: int) -> str:
    """How to give option labels in a language."""
    return (
        f"{ADMIN} → Product → Languages: enable language {language}, and import translated labels; or set "
        "D365_PM_LANGUAGE to a language that the environment has."
    )


def configure(seed: str) -> str:
    """How to tell a rule of the organisation."""
    return f"Copy {seed.partition('.')[0]}.csv to the folder of D365_PM_SEEDS_DIR and add your rows."
