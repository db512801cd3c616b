"""The service floor: everything that is true there at a moment, and the few moves that all steps are made of.

Belongs here: the present state of every case, its notebook, moving its time on, and changing its owner. Does not belong
here: the steps themselves (`opening.py`, `routing.py`, `handling.py`, `waiting.py`, `escalation.py`, `ending.py`).

All arguments called `who` are positions of cases; `at` are instants, one per case.
"""

import numpy as np

from d365_pm.sandbox.desk.audit import Action, Audited, AuditLog
from d365_pm.sandbox.desk.calendar import Calendar
from d365_pm.sandbox.desk.catalogue import Articles
from d365_pm.sandbox.desk.customers import Customers
from d365_pm.sandbox.desk.events import RANKS, Activity, Rank
from d365_pm.sandbox.desk.habits import PLAIN, Habits
from d365_pm.sandbox.desk.ledger import Ledger
from d365_pm.sandbox.desk.numbers import MINUTE, NONE, BoolArray, IntArray, Values, none_of
from d365_pm.sandbox.desk.people import Staff

CASE_COLUMNS = (
    "ticketnumber", "title", "statecode", "statuscode", "ownerid", "customerid", "caseorigincode", "prioritycode",
    "subjectid", "productid", "isescalated", "firstresponsesent", "masterid", "merged", "parentcaseid",
)  # fmt: skip
ITEM_COLUMNS = ("objectid", "queueid", "workerid", "statecode", "statuscode")


class Floor(Ledger):
    """The desk while it lives. Columns that are not tables have one value per case.

    Attributes:
        clock: When the last thing happened to the case.
        stopped: The end of the simulation came before the case's next step.
        agent: Who works on it; nothing while it waits for somebody.
        team: The desk team whose work it is.
        owner_team: The team that owns it, or owned it just before the person who does.
        held: The person or team that owns it by somebody's decision; bulk changes and applications decide nothing.
        held_before: The one before that.
        item: Its queue item; nothing if it never was in a queue or was taken out.
        linked: Knowledge families linked in this episode, one bit each.
        proposal: The last e-mail that may prove to be the proposed solution; position in `mails`.
    """

    def __init__(
        self,
        cases: int,
        *,
        staff: Staff,
        customers: Customers,
        articles: Articles,
        office: Calendar,
        waking: Calendar,
        span: tuple[int, int],
        random: np.random.Generator,
        habits: Habits = PLAIN,
    ) -> None:
        super().__init__()
        self.habits = habits
        self.staff, self.customers, self.articles = staff, customers, articles
        self.office, self.waking, self.random = office, waking, random
        self.start, self.end = span
        self.audit = AuditLog()
        self.cases = Audited(self.audit, "incident", CASE_COLUMNS)
        self.items = Audited(self.audit, "queueitem", ITEM_COLUMNS)
        self.clock, self.agent, self.team = none_of(cases), none_of(cases), none_of(cases)
        self.owner_team, self.item = none_of(cases), none_of(cases)
        self.held, self.held_before = none_of(cases), none_of(cases)
        self.proposal, self.last_resolution, self.open_task = none_of(cases), none_of(cases), none_of(cases)
        self.first_end, self.escalated_at, self.imported_at = none_of(cases), none_of(cases), none_of(cases)
        self.sla = none_of(cases)
        self.timer = np.full((2, cases), NONE)
        self.linked = np.zeros(cases, dtype=np.int64)
        self.stopped, self.bounced = np.zeros(cases, dtype=np.bool_), np.zeros(cases, dtype=np.bool_)
        self.initial_channel = none_of(cases)

    def later(self, who: IntArray, calendar: Calendar, minutes: float, *, spread: float = 0.8) -> IntArray:
        """An instant after the last one of each case, in the hours of a calendar; `minutes` is the median wait."""
        seconds = self.random.lognormal(np.log(minutes * MINUTE), spread, len(who)).astype(np.int64)
        return np.maximum(calendar.add(self.clock[who], seconds), self.clock[who] + 1)

    def reach(self, who: IntArray, at: IntArray) -> tuple[IntArray, IntArray]:
        """Move the time of cases on; those whose step lies beyond the end stop as they are.

        Returns:
            The cases that arrive, and when.
        """
        arrives = at <= self.end
        self.stopped[who[~arrives]] = True
        self.clock[who[arrives]] = at[arrives]
        return who[arrives], at[arrives]

    def chance(self, who: IntArray, share: float) -> BoolArray:
        """Choose about that share of the cases."""
        return self.random.random(len(who)) < share

    def own(self, who: IntArray, shipped: int, own: int, share: float = 0.5) -> IntArray:
        """A shipped status reason, or for about that share of the cases the organisation's own, if it has any."""
        if not self.habits.own_statuses:
            return np.full(len(who), shipped)
        return np.where(self.chance(who, share), own, shipped)

    def note(
        self,
        activity: Activity,
        who: IntArray,
        at: IntArray,
        actor: Values,
        *,
        rank: Values = NONE,
        article: Values = NONE,
    ) -> None:
        """Write into the notebook what happens, with the status and the team in force just after it."""
        self.events.add(
            len(who),
            case=who,
            activity=activity,
            at=at,
            actor=actor,
            rank=RANKS[activity] if isinstance(rank, int) and rank == NONE else rank,
            status=self.cases["statuscode"][who],
            owner_team=self.owner_team[who],
            article=article,
        )

    def give(
        self,
        who: IntArray,
        at: IntArray,
        actor: Values,
        owner: IntArray,
        *,
        action: int = Action.ASSIGN,
        is_bulk: bool = False,
        **values: Values,
    ) -> None:
        """Change the owner, and other columns in the same operation; note the assignment."""
        before = self.cases["ownerid"][who]
        changes = before != owner
        self.cases.change(who, at, actor, action, ownerid=owner, **values)
        moved, new, old = who[changes], owner[changes], before[changes]
        self._remember_team(moved, new, old)
        if not is_bulk:
            self._remember_holder(moved, new)
        rank = np.where(new >= self.staff.users, Rank.TEAM_ASSIGNED, Rank.USER_ASSIGNED)
        actors = np.broadcast_to(actor, len(who))[changes]
        self.note(Activity.CASE_ASSIGNED, moved, at[changes], actors, rank=rank)

    def _remember_team(self, who: IntArray, new: IntArray, old: IntArray) -> None:
        team = self.staff.team_of_owner(new)
        self.owner_team[who] = np.where(team == NONE, self.staff.team_of_owner(old), team)

    def _remember_holder(self, who: IntArray, new: IntArray) -> None:
        """See a case that comes back to the one who held it before (never through an application)."""
        counts = ~self.staff.is_system(new) & (self.held[who] != new)
        who, new = who[counts], new[counts]
        self.bounced[who[self.held_before[who] == new]] = True
        self.held_before[who] = self.held[who]
        self.held[who] = new
