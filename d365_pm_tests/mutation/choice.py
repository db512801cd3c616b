"""Which mutants are tried: drawn by lot, but spread over the models by their size and over the kinds of changes.

Belongs here: the lot. Does not belong here: making a mutant (`mutant.py`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from d365_pm.warehouse import Project, TableName
from d365_pm_tests.mutation.mutant import Candidate, Mutant, candidates, make, models_of


def mutants(project: Project, *, seed: int, only: Sequence[TableName] = ()) -> Iterator[Mutant]:
    """Mutants in the order of the lot; the first n of them are a fair sample of n.

    Args:
        project: The models.
        seed: Names the lot.
        only: Models to change, all of them where none is named.
    """
    random = Random(seed)
    models = models_of(project)
    waiting = {
        model.table: _by_turns(list(candidates(model)), random)
        for model in project.models
        if not only or model.table in only
    }
    size = {table: len(drawn) for table, drawn in waiting.items()}
    taken = Counter[TableName]()
    seen: set[str] = set()
    while open_models := [table for table, drawn in waiting.items() if drawn]:
        # The model that lags most behind its share; one mutant of each comes first.
        table = min(open_models, key=lambda table: (taken[table] > 0, taken[table] / size[table], str(table)))
        mutant = make(waiting[table].pop(), models[table])
        if mutant is not None and mutant.sql not in seen:
            seen.add(mutant.sql)
            taken[table] += 1
            yield mutant


def _by_turns(drawn: list[Candidate], random: Random) -> list[Candidate]:
    """Candidates, the next one at the end, so that the kinds of changes take turns."""
    by_operator: dict[str, list[Candidate]] = defaultdict(list)
    random.shuffle(drawn)
    for candidate in drawn:
        by_operator[candidate.operator].append(candidate)
    kinds = list(by_operator.values())
    random.shuffle(kinds)
    longest = max((len(kind) for kind in kinds), default=0)
    turns = [kind[place] for place in range(longest) for kind in kinds if place < len(kind)]
    return turns[::-1]
