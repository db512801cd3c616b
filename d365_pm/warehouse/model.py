"""What a model is: the facts that its file tells once it has been read and checked.

Belongs here: the dataclasses and the order of the layers. Does not belong here: reading files (`project.py`).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

SOURCES = ("raw", "seeds")
LAYERS = ("staging", "activities", "marts", "kpis")
"""Folders of models, in the order in which they are built; a model reads only what comes before it."""

READ_OWN_LAYER = frozenset({"staging", "marts"})
"""Layers whose models may also read each other, without going round in circles."""

COMMENTED_LAYERS = frozenset({"activities", "marts", "kpis"})
"""Layers whose columns people read, so that each needs its description."""

DESCRIBED_LAYERS = frozenset({"marts", "kpis"})
"""Layers whose tables carry their descriptions into the database; every comment costs a change of its catalogue."""

UNION_LAYER = "activities"
"""The folder that may be read as a whole: all its models have the same columns."""


class Stored(StrEnum):
    """What becomes of a model's rows."""

    TABLE = "table"
    VIEW = "view"
    """Nobody keeps them; whoever reads the model runs its statement."""
    STEP = "step"
    """They live in memory while their layer is built, for the models of that layer alone: writing what nobody reads
    later costs more than making it."""
    STEP_VIEW = "step view"
    """A view that reads what lives no longer than its layer is built."""

    @property
    def is_view(self) -> bool:
        """Whether there are no rows."""
        return self in (Stored.VIEW, Stored.STEP_VIEW)

    @property
    def is_step(self) -> bool:
        """Whether it is gone once its layer has been built."""
        return self in (Stored.STEP, Stored.STEP_VIEW)


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table with its schema."""

    schema: str
    name: str

    def __str__(self) -> str:
        """As SQL writes it."""
        return f"{self.schema}.{self.name}"

    @property
    def in_step(self) -> str:
        """As SQL writes it where it lives only while its layer is built."""
        return f'temp."{self}"'


@dataclass(frozen=True, slots=True, order=True)
class ColumnName:
    """A column of a table."""

    table: TableName
    name: str

    def __str__(self) -> str:
        """As the descriptions in the UI write it, such as `raw/incident.createdon`."""
        return f"{self.table.schema}/{self.table.name}.{self.name}"


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """An output column, the comment beside it (empty where the layer asks for none), and the line of its name."""

    name: str
    description: str
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Header:
    """The comment on top of a file.

    Attributes:
        description: What one row is and why the model exists; further paragraphs follow after an empty line.
        rules: Rules of the reference that the model implements.
        unique: Columns that together tell one row from another; empty where the file promises nothing.
        not_null: Columns that are never null.
        owner: Who answers for the model.
        stored: What becomes of the rows.
    """

    description: str
    rules: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    not_null: tuple[str, ...] = ()
    owner: str | None = None
    stored: Stored = Stored.TABLE


@dataclass(frozen=True, slots=True)
class Model:
    """One SELECT in one file.

    Attributes:
        table: Where its rows go: the folder is the schema, the file the name.
        path: The file.
        header: What its comment says.
        sql: The statement, with unions over a folder written out.
        step_sql: The same as a step runs it: what lives only while a layer is built has another name there.
        columns: Output columns in order.
        upstream: Tables that it reads, sorted.
    """

    table: TableName
    path: Path
    header: Header
    sql: str
    step_sql: str
    columns: tuple[ModelColumn, ...]
    upstream: tuple[TableName, ...]

    @property
    def layer(self) -> str:
        """Folder of the model."""
        return self.table.schema
