"""What an environment's raw tables tell that rules could be made of.

Belongs here: SELECTs over `raw.*` and `seeds.*`. Does not belong here: what names mean (`words.py`).
"""

from dataclasses import dataclass
from typing import Any

import duckdb

_STATUSES = """
    with used as (
        select i.statuscode as code, any_value(i.statecode) as state, count(*) as cases
        from raw.incident as i group by all
    ),
    named as (
        select o.code, any_value(o.state) as state, list(o.label order by o.language) as labels
        from raw.option_label as o
        where o.table_name = 'incident' and o.column_name = 'statuscode' group by all
    ),
    met as (
        select try_cast(regexp_extract(a.changedata, $change, 1) as integer) as code, count(*) as changes
        from raw.audit as a where a.objecttypecode = 'incident' and a.operation in (2, 5) group by all
    ),
    known as (select code from used union select code from named union select code from met)
    select k.code, coalesce(n.state, u.state), coalesce(n.labels, []), coalesce(u.cases, 0), coalesce(m.changes, 0)
    from known as k
    left join used as u on k.code = u.code
    left join named as n on k.code = n.code
    left join met as m on k.code = m.code
    where k.code is not null order by 1
"""
# The values of a change stand beside its column; the value may be a number or a text, with or without its label.
_STATUS_CHANGE = r'"logicalName"\s*:\s*"statuscode"[^{}]*"newValue"\s*:\s*"?(\d+)'
_TARGETS = """
    select 'team', t.teamid, t.name, coalesce(t.isdefault, false) from raw.team as t where t._deleted_at is null
    union all
    select 'queue', q.queueid, q.name, q.queueviewtype = 1 or q.name like '<%>'
    from raw.queue as q where q._deleted_at is null
    order by all
"""
_USERS = """
    select
        u.systemuserid, u.fullname,
        u.applicationid is not null or coalesce(u.accessmode in (3, 4), false) or coalesce(u.isintegrationuser, false)
        or upper(u.fullname) in ('SYSTEM', 'INTEGRATION'),
        coalesce(a.cases, 0), coalesce(a.busiest_second, 0)
    from raw.systemuser as u
    left join (
        select s.author, sum(s.cases)::integer as cases, max(s.cases)::integer as busiest_second
        from (
            select i._createdby_value as author, i.createdon, count(*) as cases from raw.incident as i group by all
        ) as s group by all
    ) as a on u.systemuserid = a.author
    where u._deleted_at is null order by all
"""
_TEMPLATES = """
    select
        m._templateid_value, list(distinct m.subject order by m.subject) filter (where m.subject is not null), count(*)
    from raw.email as m
    where m._templateid_value is not null and m.directioncode and m._deleted_at is null group by all order by 1
"""
_COLUMNS = """
    select m.column_name, m.attribute_type, coalesce(m.is_custom, false), coalesce(m.is_audited, false)
    from raw.attribute_metadata as m where m.table_name = 'incident' order by all
"""
_SUBJECT_USE = "select count(*), count(i._subjectid_value), count(i.casetypecode) from raw.incident as i"


@dataclass(frozen=True, slots=True)
class Status:
    """A status reason of the case table, its labels, the cases that have it now, and audited changes to it."""

    code: int
    state: int | None
    labels: tuple[str, ...]
    cases: int
    changes: int


@dataclass(frozen=True, slots=True)
class Target:
    """A team or queue; `is_special` for a default team and for somebody's own queue."""

    type: str
    id: str
    name: str
    is_special: bool


@dataclass(frozen=True, slots=True)
class User:
    """A user; `is_known_system` where the rules see a machine already; `busiest_second` in cases created."""

    id: str
    name: str
    is_known_system: bool
    cases: int
    busiest_second: int


@dataclass(frozen=True, slots=True)
class Template:
    """An e-mail template, by the mails that were made from it."""

    id: str
    subjects: tuple[str, ...]
    mails: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the case table."""

    name: str
    type: str
    is_custom: bool
    is_audited: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that proposals are made from; `known` has the keys of each seed in force, `roles` those of codes."""

    statuses: tuple[Status, ...]
    targets: tuple[Target, ...]
    users: tuple[User, ...]
    templates: tuple[Template, ...]
    columns: tuple[Column, ...]
    cases: int
    with_subject: int
    with_type: int
    known: dict[str, frozenset[str]]
    roles: dict[int, str]


def read_facts(connection: duckdb.DuckDBPyConnection, known: dict[str, frozenset[str]], roles: dict[int, str]) -> Facts:
    """Read everything.

    Args:
        connection: Database with the raw views.
        known: Keys of the rows of each seed in force, in small letters.
        roles: Roles of the status reasons in force.
    """
    [(cases, with_subject, with_type)] = _rows(connection, _SUBJECT_USE)
    return Facts(
        tuple(
            Status(code, state, tuple(labels), cases, changes)
            for code, state, labels, cases, changes in connection.execute(
                _STATUSES, {"change": _STATUS_CHANGE}
            ).fetchall()
        ),
        tuple(Target(*row) for row in _rows(connection, _TARGETS) if row[2]),
        tuple(User(*row) for row in _rows(connection, _USERS) if row[1]),
        tuple(Template(id_, tuple(subjects or ()), mails) for id_, subjects, mails in _rows(connection, _TEMPLATES)),
        tuple(Column(*row) for row in _rows(connection, _COLUMNS)),
        cases,
        with_subject,
        with_type,
        known,
        roles,
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()
