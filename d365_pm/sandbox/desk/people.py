"""Who works at the desk: users, teams and queues.

Belongs here: the people, applications and teams of one desk, and choosing an agent. Does not belong here: customers
(`customers.py`) and the tables written from them (`reference_tables.py`).

An owner is a number: users first, then teams. Team and queue have the same position: each desk team serves one queue.
"""

from dataclasses import dataclass

import numpy as np

from d365_pm.sandbox.desk.names import FIRST_NAMES, SURNAMES
from d365_pm.sandbox.desk.numbers import NONE, BoolArray, IntArray

APPLICATIONS = ("SYSTEM", "INTEGRATION", "Customer Voice", "# Automação do Atendimento", "# Portal do Cliente")
SYSTEM, INTEGRATION, CUSTOMER_VOICE, AUTOMATION, PORTAL = range(5)
ADMINISTRATOR = 5

TEAM_NAMES = ("Suporte N1", "Faturamento N1", "Contas e Contratos N1", "Suporte N2", "Faturamento N2")
FIRST_LEVEL, SECOND_LEVEL = np.array([0, 1, 2]), np.array([3, 4])
ESCALATES_TO = np.array([3, 4, 4, 3, 4])
"""For each team the one that takes what it cannot solve."""

_SHARES = np.array([0.40, 0.22, 0.16, 0.13, 0.09])
_SMALLEST_TEAM, _FEWEST_AGENTS, _MOST_AGENTS, _CASES_PER_AGENT = 3, 20, 900, 50


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of one desk.

    Attributes:
        names: Full name of each user: applications, the administrator, one supervisor per team, then the agents.
        first_agent: For each team the user who is its first agent; the team's other agents follow.
        agents: For each team the number of its agents.
    """

    names: tuple[str, ...]
    first_agent: IntArray
    agents: IntArray

    @property
    def users(self) -> int:
        """Number of users."""
        return len(self.names)

    def team(self, team: IntArray) -> IntArray:
        """The teams as owners."""
        return self.users + team

    def team_of_owner(self, owner: IntArray) -> IntArray:
        """The team that an owner is; nothing for users."""
        return np.where(owner >= self.users, owner - self.users, NONE)

    def is_system(self, owner: IntArray) -> BoolArray:
        """Whether an owner or actor is an application rather than a person or a team."""
        return (owner >= 0) & (owner < len(APPLICATIONS))

    def supervisor(self, team: IntArray) -> IntArray:
        """The user who leads each team, and administers it."""
        return ADMINISTRATOR + 1 + team

    def leavers(self) -> IntArray:
        """One agent of each team: those who leave, at desks where people do."""
        return self.first_agent + self.agents - 1

    def home_team(self) -> IntArray:
        """The team of every user; nothing for applications and the administrator."""
        teams = np.arange(len(TEAM_NAMES))
        outsiders = np.full(ADMINISTRATOR + 1, NONE)
        return np.concatenate([outsiders, teams, np.repeat(teams, self.agents)])

    def agent(self, team: IntArray, random: np.random.Generator) -> IntArray:
        """Any agent of each team."""
        return self.first_agent[team] + (random.random(len(team)) * self.agents[team]).astype(np.int64)

    def colleague(self, agent: IntArray, random: np.random.Generator) -> IntArray:
        """Another agent of each agent's own team."""
        team = self.home_team()[agent]
        seat = agent - self.first_agent[team]
        other = 1 + (random.random(len(team)) * (self.agents[team] - 1)).astype(np.int64)
        return self.first_agent[team] + (seat + other) % self.agents[team]


def hire(cases: int, random: np.random.Generator) -> Staff:
    """The staff that a desk of that many cases needs."""
    wanted = np.clip(cases // _CASES_PER_AGENT, _FEWEST_AGENTS, _MOST_AGENTS)
    agents = np.maximum((wanted * _SHARES).astype(np.int64), _SMALLEST_TEAM)
    people = _full_names(1 + len(TEAM_NAMES) + int(agents.sum()), random)
    first_agent = len(APPLICATIONS) + 1 + len(TEAM_NAMES) + np.cumsum(agents) - agents
    return Staff((*APPLICATIONS, *people), first_agent, agents)


def _full_names(count: int, random: np.random.Generator) -> list[str]:
    """Different names for that many people."""
    surnames = len(SURNAMES)
    numbers = random.choice(len(FIRST_NAMES) * surnames * (surnames - 1), size=count, replace=False)
    return [_full_name(int(number)) for number in numbers]


def _full_name(number: int) -> str:
    number, first = divmod(number, len(FIRST_NAMES))
    middle, step = divmod(number, len(SURNAMES) - 1)
    last = (middle + 1 + step) % len(SURNAMES)
    return f"{FIRST_NAMES[first]} {SURNAMES[middle]} {SURNAMES[last]}"
