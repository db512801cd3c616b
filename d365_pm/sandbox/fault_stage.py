"""Where scripted faults meet answers.

Belongs here: asking the plan whose turn it is and playing it on an answer. Does not belong here: how each fault looks
(`fault_answers.py`, `fault_pages.py`) and sending (`fault_wire.py`).
"""

from collections.abc import Callable

from d365_pm.sandbox.answers import Answer
from d365_pm.sandbox.exchange import Exchange
from d365_pm.sandbox.fault_answers import replacing
from d365_pm.sandbox.fault_pages import PageFacts, PageFaults, Read, page_facts
from d365_pm.sandbox.faults import Fault, FaultKind, FaultPlan, Fired
from d365_pm.sandbox.request_target import TOKEN_ENDPOINT

UNAUTHORIZED_KINDS = frozenset({FaultKind.UNAUTHORIZED, FaultKind.SIGN_IN_DOWN})
_OF_TOKENS = ("$deltatoken=", "istracking=%22True%22")


class Stage:
    """Plays the faults of one environment."""

    def __init__(self, plan: FaultPlan) -> None:
        self._plan = plan
        self._pages = PageFaults()

    def invented(self, exchange: Exchange) -> Answer | None:
        """The page behind a link that a fault has given out."""
        return self._pages.invented(exchange.path, exchange.query)

    def played(
        self, exchange: Exchange, answer: Answer, address: str, follow: Callable[[str], Answer]
    ) -> tuple[Fired | None, Answer]:
        """The fault whose turn it is, if any, and the answer with it.

        Args:
            exchange: The request; it is told which fault was played.
            answer: The right answer.
            address: Absolute address of the request without its query.
            follow: The right answer behind a link of the same read.
        """
        if self._plan.is_empty:
            return None, answer
        facts = page_facts(answer) if exchange.target.page else PageFacts(is_last=False, ends=False)
        is_delta = any(name in exchange.query for name in _OF_TOKENS)
        fired = self._plan.take(exchange.target, is_last=facts.is_last, is_delta=is_delta, ends=facts.ends)
        if fired is None:
            return None, answer
        exchange.fault = str(fired.fault.kind)
        if fired.fault.kind is FaultKind.SIGN_IN_DOWN:
            failures = fired.fault.sign_in_failures
            self._plan.add(Fault(FaultKind.SERVER_ERROR, entity_set=TOKEN_ENDPOINT, times=failures))
        instead = replacing(fired)
        if instead is not None:
            return fired, instead
        if answer.status != 200 or exchange.target.page is None:
            return fired, answer
        read = Read(exchange.path, exchange.query, address, follow)
        return fired, self._pages.altered(fired.fault.kind, answer, read)
