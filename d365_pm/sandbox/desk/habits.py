"""What some service desks do and others do not.

Belongs here: the switches and what they mean, as facts. Does not belong here: obeying them (the steps of a life and the
tables), and what an environment audits (`sandbox/switches.py`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Habits:
    """The habits of one desk; without any it lives as it does by default, row for row.

    Attributes:
        moves_many: Supervisors move their backlog in one second, cases follow their customer's new account manager,
            people leave and their cases go to whoever leads the team, children are resolved with their parent.
        deletes: Some cases are deleted in the end, with everything about them.
        own_statuses: The organisation has status reasons of its own (`catalogue.OWN_STATUSES`).
        has_clocks: Service levels keep clocks of their own; those of the old kind leave two deadlines on the case, and
            the truth then has no started clock. Its service level attributes still tell what was promised.
        surveys: Customer Voice is there; without it nobody is asked, and its tables are missing.
    """

    moves_many: bool = False
    deletes: bool = False
    own_statuses: bool = False
    has_clocks: bool = True
    surveys: bool = True


PLAIN = Habits()
"""A desk as the platform ships it."""
EVENTFUL = Habits(moves_many=True, deletes=True, own_statuses=True)
"""A desk where everything happens that makes events."""
