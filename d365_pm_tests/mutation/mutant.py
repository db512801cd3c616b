"""One changed model: where the change is, and the statement that runs in the place of the model's.

Belongs here: from a node of a syntax tree to a statement that loads. Does not belong here: what a change can be
(`operators.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from sqlglot import exp, parse_one

from d365_pm.warehouse import Model, Project, TableName
from d365_pm.warehouse.dialect import find_unportable
from d365_pm.warehouse.model import UNION_LAYER
from d365_pm.warehouse.statement import DIALECT, line_of, parse
from d365_pm_tests.mutation.operators import OPERATORS, Replacement

_UNITS = (exp.Join, exp.If, exp.Window, exp.Where, exp.Having, exp.Qualify)
_CLAUSES = (exp.With, exp.CTE, exp.From)
_READABLE = 240


@dataclass(frozen=True)
class Mutant:
    """One change of one model.

    Attributes:
        model: The model.
        operator: Name of the kind of change.
        line: Line of the file at which the changed expression stands.
        place: Where in the statement: a column, or the noun of a CTE.
        before: The expression around the change.
        after: The same with the change; empty where it was left out.
        sql: The statement, in which `activities` may stand for the folder.
    """

    model: TableName
    operator: str
    line: int
    place: str
    before: str
    after: str
    sql: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it as long as the changed expression stays as it is, wherever the file has it."""
        return str(self.model), self.place, self.before, self.after


@dataclass(frozen=True, order=True)
class Candidate:
    """A change that has not been made yet.

    Attributes:
        model: The model.
        operator: Name of the kind of change.
        node: Number of the changed node in a walk over the tree.
        variant: Number of the replacement, where the operator offers several.
    """

    model: TableName
    operator: str
    node: int
    variant: int


def candidates(model: Model) -> Iterator[Candidate]:
    """Every change of a model that an operator offers."""
    for number, node in enumerate(_tree(model).walk()):
        for operator, offered in OPERATORS.items():
            for variant, _ in enumerate(offered(node)):
                yield Candidate(model.table, operator, number, variant)


def make(candidate: Candidate, model: Model) -> Mutant | None:
    """Make a change of a model; None where it would not load, or stays the same."""
    tree = _tree(model).copy()
    node = _node(tree, candidate.node)
    offered = list(OPERATORS[candidate.operator](node))[candidate.variant]
    unit = _unit(node)
    line, place, before = line_of(unit), _place(node), unit.sql(dialect=DIALECT, comments=False)
    root, after = _put(tree, node, offered, unit)
    sql = str(root.sql(dialect=DIALECT, comments=False))
    if sql == unchanged(model) or any(find_unportable(root)):
        return None
    return Mutant(model.table, candidate.operator, line, place, before, after, sql)


def unchanged(model: Model) -> str:
    """The statement of a model as it is, written from its tree like those of its mutants."""
    return str(_tree(model).sql(dialect=DIALECT, comments=False))


def mutated(project: Project, mutant: Mutant) -> Project:
    """The project with one model changed."""
    changed = (
        replace(model, sql=_runnable(mutant.sql, project)) if model.table == mutant.model else model
        for model in project.models
    )
    return replace(project, models=tuple(changed))


def models_of(project: Project) -> Mapping[TableName, Model]:
    """The models by table."""
    return {model.table: model for model in project.models}


@cache
def _tree(model: Model) -> exp.Query:
    # Read once: somebody may edit a model while its mutants are judged.
    return parse(model.path.read_text(encoding="utf-8"), model.path)


def _node(tree: exp.Expr, number: int) -> exp.Expr:
    return next(node for place, node in enumerate(tree.walk()) if place == number)


def _put(tree: exp.Query, node: exp.Expr, offered: Replacement, unit: exp.Expr) -> tuple[exp.Expr, str]:
    """Replace a node; returns the whole statement, and the unit around the change as it reads now."""
    if offered is None:
        node.pop()
        return tree, "" if unit is node else unit.sql(dialect=DIALECT, comments=False)
    if node is tree:
        return offered, offered.sql(dialect=DIALECT, comments=False)
    node.replace(offered)
    return tree, (offered if unit is node else unit).sql(dialect=DIALECT, comments=False)


def _runnable(sql: str, project: Project) -> str:
    """Write the unions over the folder of activities out, which has more models where extended ones are on."""
    tree = parse_one(sql, dialect=DIALECT)
    for table in list(tree.find_all(exp.Table)):
        if table.name == UNION_LAYER and not table.db:
            table.replace(exp.maybe_parse(_union(project)).subquery(table.alias or UNION_LAYER))
    return str(tree.sql(dialect=DIALECT))


def _union(project: Project) -> str:
    members = project.of(UNION_LAYER)
    columns = ", ".join(column.name for column in members[0].columns)
    return " union all ".join(f"select {columns} from {member.table}" for member in members)


def _place(node: exp.Expr) -> str:
    """The column or the nouns that a node belongs to, outermost first."""
    names = []
    while node is not None:
        if isinstance(node, exp.CTE) or (isinstance(node, exp.Alias) and isinstance(node.parent, exp.Select)):
            names.append(node.alias)
        node = node.parent
    return ".".join(reversed(names)) or "select"


def _unit(node: exp.Expr) -> exp.Expr:
    """The smallest whole expression around a node that a reader recognises in the file."""
    while node.parent is not None and not isinstance(node, _UNITS):
        if isinstance(node.parent, (*_CLAUSES, exp.Select, exp.Union)) or not _is_short(node.parent):
            break
        node = node.parent
    return node


def _is_short(node: exp.Expr) -> bool:
    return len(node.sql(dialect=DIALECT, comments=False)) <= _READABLE
