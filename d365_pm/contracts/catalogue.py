"""Every promise of the published tables.

To add one: a row or a column that can be judged by itself goes into `log_promises.py`, `event_promises.py` or
`case_promises.py`, in the place of its table; rows that have to be compared go into a new file of `checks/`. The check
in the UI, its severity and its table of failing rows follow.
"""

from functools import cache

from d365_pm.contracts.case_promises import case_promises
from d365_pm.contracts.comparisons import comparisons
from d365_pm.contracts.contract import Contract
from d365_pm.contracts.event_promises import event_promises
from d365_pm.contracts.log_promises import log_promises


@cache
def contracts() -> tuple[Contract, ...]:
    """All promises, by table and name.

    Raises:
        CheckFileError: A file of `checks/` does not say what it has to say.
    """
    every = (*log_promises(), *event_promises(), *case_promises(), *comparisons())
    return tuple(sorted(every, key=lambda contract: (contract.table, contract.name)))
