"""The audit history: the same raw rows whichever way an environment gives the old and new values.

Belongs here: choosing the route, asking for values, their canonical form, and counting what is whole. Does not belong
here: paging through the list `audits` (`dataverse/extract.py`) and what a change means (`dbt_like_sql/staging`).
"""

from d365_pm.dataverse.audit.choose import choose_route
from d365_pm.dataverse.audit.complete import AuditCompleter, build_completer
from d365_pm.dataverse.audit.entry import Payload
from d365_pm.dataverse.audit.facts import AuditFacts, completeness
from d365_pm.dataverse.audit.route import AuditRoute

__all__ = [
    "AuditCompleter",
    "AuditFacts",
    "AuditRoute",
    "Payload",
    "build_completer",
    "choose_route",
    "completeness",
]
