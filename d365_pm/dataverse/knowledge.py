"""What a client knows of its environment, from this run or from an earlier one that is still true.

Belongs here: joining the catalogue, the memory and the notices of the readers. Does not belong here: how each of them
works (`catalogue.py`, `memory.py`, `watch.py`).
"""

from d365_pm.dataverse.catalogue import Catalogue
from d365_pm.dataverse.connection import Connection
from d365_pm.dataverse.environment import EnvironmentFacts, read_environment
from d365_pm.dataverse.memory import Memory
from d365_pm.dataverse.watch import Watch


class Knowledge:
    """What is known of one environment.

    Attributes:
        catalogue: Definitions, shapes and labels.
        watch: What readers notice.
        notes: Anything else that was found out once.
    """

    def __init__(self, connection: Connection, memory: Memory | None) -> None:
        self.catalogue = Catalogue(connection)
        self.watch = Watch(on_drift=self._forget)
        self.notes: dict[str, str] = {}
        self._connection = connection
        self._memory = memory
        self._facts: EnvironmentFacts | None = None
        self._is_recalled = False

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was known before and still holds."""
        return self._is_recalled and not self.watch.has_drifted

    async def environment(self) -> EnvironmentFacts:
        """Ask the environment which it is, once, and recall what is known of it."""
        if self._facts is None:
            self._facts = await read_environment(self._connection)
            self.watch.see(self._facts.metadata_version)
            self._recall(self._facts)
        return self._facts

    def remember(self) -> None:
        """Keep what was learned for the next run; nothing if the schema has moved meanwhile."""
        if self._memory is not None and self._facts is not None and not self.watch.has_drifted:
            snapshot = self.catalogue.snapshot()
            snapshot.notes = self.notes
            self._memory.keep(self._facts, snapshot)

    def _recall(self, facts: EnvironmentFacts) -> None:
        snapshot = self._memory.recall(facts) if self._memory else None
        if snapshot is not None:
            self.catalogue.recall(snapshot)
            self.notes |= snapshot.notes
            self._is_recalled = True

    def _forget(self) -> None:
        self.catalogue.forget()
        self.notes.clear()
        if self._memory is not None:
            self._memory.drop()
