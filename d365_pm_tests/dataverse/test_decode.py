"""From JSON rows to typed Arrow rows: every kind, every refusal."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from d365_pm.dataverse.decode import decode_rows
from d365_pm.dataverse.errors import ContentError, ProtocolError
from d365_pm.dataverse.lacking import absent
from d365_pm.dataverse.registry import TABLES, Column, Kind, Table
from d365_pm.dataverse.shape import ColumnShape, TableShape
from d365_pm.dataverse.shaping import as_wanted

KEY = "7b1c9d40-aaaa-4e5f-8a9b-000000000001"

THING = Table(
    name="thing",
    entity_set="things",
    key="thingid",
    description="One column of every kind.",
    columns=(
        Column("thingid", Kind.ID, required=True),
        Column("title", Kind.TEXT),
        Column("age", Kind.WHOLE),
        Column("statuscode", Kind.CHOICE),
        Column("versionnumber", Kind.BIG),
        Column("amount", Kind.DECIMAL),
        Column("createdon", Kind.MOMENT),
        Column("birthday", Kind.DAY),
        Column("isopen", Kind.FLAG),
        Column("slaid", Kind.LOOKUP),
        Column("ownerid", Kind.LOOKUP, polymorphic=True),
    ),
)
SHAPE = as_wanted(THING)


def decode(*rows: dict[str, Any] | str, shape: TableShape = SHAPE) -> pa.Table:
    texts = [row if isinstance(row, str) else json.dumps({"thingid": KEY} | row) for row in rows]
    return decode_rows([msgspec.Raw(text.encode()) for text in texts], shape)


def one(column: str, value: Any, shape: TableShape = SHAPE) -> Any:
    return decode({column: value}, shape=shape).column(column).to_pylist()[0]


def test_schema_is_that_of_the_raw_layer() -> None:
    assert SHAPE.schema == pa.schema(
        [
            ("thingid", pa.string()),
            ("title", pa.string()),
            ("age", pa.int32()),
            ("statuscode", pa.int32()),
            ("versionnumber", pa.int64()),
            ("amount", pa.decimal128(38, 10)),
            ("createdon", pa.timestamp("us", tz="UTC")),
            ("birthday", pa.date32()),
            ("isopen", pa.bool_()),
            ("_slaid_value", pa.string()),
            ("_ownerid_value", pa.string()),
            ("_ownerid_type", pa.string()),
        ]
    )


def test_a_row_as_the_wire_has_it() -> None:
    text = (
        '{"@odata.etag":"W/\\"1\\"","title":"ção \\"x\\"\\n","age":3,"statuscode":717660001,'
        '"versionnumber":9007199254740993,"amount":20000.0000,"createdon":"2026-02-09T12:14:03Z","birthday":"2026-02-09","isopen":true,'
        '"_slaid_value":null,"_ownerid_value@OData.Community.Display.V1.FormattedValue":"Ana",'
        '"_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname":"team","_ownerid_value":"39e0dbe4-131b-e111-ba7e-78e7d1620f5e",'
        f'"unasked":{{"a":[1,"b"]}},"thingid":"{KEY}"}}'
    )
    assert decode(text).to_pylist() == [
        {
            "thingid": KEY,
            "title": 'ção "x"\n',
            "age": 3,
            "statuscode": 717660001,
            "versionnumber": 9007199254740993,
            "amount": Decimal(20000),
            "createdon": datetime(2026, 2, 9, 12, 14, 3, tzinfo=UTC),
            "birthday": date(2026, 2, 9),
            "isopen": True,
            "_slaid_value": None,
            "_ownerid_value": "39e0dbe4-131b-e111-ba7e-78e7d1620f5e",
            "_ownerid_type": "team",
        }
    ]


def test_absent_and_null_are_typed_nulls() -> None:
    table = decode({}, {name: None for name in SHAPE.select if name != "thingid"})
    assert table.schema == SHAPE.schema
    assert all(table.column(name).null_count == 2 for name in table.column_names if name != "thingid")


def test_no_rows_are_an_empty_typed_table() -> None:
    assert decode().schema == SHAPE.schema


def test_a_column_that_the_environment_lacks_is_null() -> None:
    shape = SHAPE.without("_ownerid_value").without("createdon")
    table = decode({"title": "x"}, shape=shape)
    assert table.schema == SHAPE.schema
    assert table.column("_ownerid_type").null_count == table.column("createdon").null_count == 1


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-02-09T12:14:03Z", datetime(2026, 2, 9, 12, 14, 3, tzinfo=UTC)),
        ("2022-05-13T22:06:46.6175613Z", datetime(2022, 5, 13, 22, 6, 46, 617561, tzinfo=UTC)),
        ("2026-02-09T12:14:03.5Z", datetime(2026, 2, 9, 12, 14, 3, 500000, tzinfo=UTC)),
        ("2026-02-09T09:14:03-03:00", datetime(2026, 2, 9, 12, 14, 3, tzinfo=UTC)),
        ("2026-02-09", datetime(2026, 2, 9, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-30T23:59:59Z", datetime(9999, 12, 30, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_instants(text: str, moment: datetime) -> None:
    assert one("createdon", text) == moment


def test_instants_of_several_forms_on_one_page() -> None:
    table = decode({"createdon": "2026-02-09"}, {"createdon": "2026-02-09T12:00:00.1234567Z"}, {"createdon": None})
    assert table.column("createdon").to_pylist() == [
        datetime(2026, 2, 9, tzinfo=UTC),
        datetime(2026, 2, 9, 12, 0, 0, 123456, tzinfo=UTC),
        None,
    ]


@pytest.mark.parametrize("text", ["2026-02-09", "2026-02-09T00:00:00Z"])
def test_days(text: str) -> None:
    assert one("birthday", text) == date(2026, 2, 9)


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("age", "many", "text"),
        ("age", 3.5, "a number"),
        ("age", 3_000_000_000, "a number"),
        ("statuscode", True, "a truth value"),
        ("isopen", "true", "text"),
        ("title", 5, "a number"),
        ("title", {"secret": "planted"}, "an object"),
        ("createdon", 17, "a number"),
        ("amount", "planted-text", "text"),
        ("amount", 1.12345678901, "a number"),
    ],
)
def test_a_value_of_the_wrong_type_is_loud_and_unquoted(column: str, value: Any, found: str) -> None:
    with pytest.raises(ContentError) as caught:
        decode({"age": 1, "amount": 1.5, "isopen": False, "createdon": None}, {column: value})
    message = str(caught.value)
    assert f"column {column} of the row {KEY}" in message
    assert f"holds {found} instead of" in message
    assert "table thing" in message
    assert "planted" not in message
    assert "many" not in message


@pytest.mark.parametrize(("column", "value"), [("createdon", "yesterday"), ("birthday", "09.02.2026")])
def test_a_text_that_is_no_instant_is_loud(column: str, value: str) -> None:
    with pytest.raises(ContentError, match=f"column {column}") as caught:
        decode({column: value})
    assert value not in str(caught.value)


@pytest.mark.parametrize("row", ["{}", '{"thingid":null}', "5", "[]"])
def test_a_row_without_its_key_is_loud(row: str) -> None:
    with pytest.raises(ProtocolError):
        decode({"title": "good"}, row)


def test_a_row_of_nine_megabytes() -> None:
    text = "x" * 9_000_000
    assert [len(value) for value in decode({"title": text}, {"title": "y"}).column("title").to_pylist()] == [
        9_000_000,
        1,
    ]


def test_the_environment_may_type_a_column_otherwise() -> None:
    columns = tuple(
        ColumnShape(shape.column, shape.source, pa.bool_()) if shape.column.name == "statuscode" else shape
        for shape in SHAPE.columns
    )
    assert one("statuscode", True, TableShape(THING, "things", columns)) == 1


def test_the_key_may_have_another_name_in_the_environment() -> None:
    columns = (ColumnShape(THING.columns[0], "activityid", pa.string()), *(absent(each) for each in THING.columns[1:]))
    table = decode(f'{{"activityid":"{KEY}"}}', shape=TableShape(THING, "things", columns))
    assert table.column("thingid").to_pylist() == [KEY]


@pytest.mark.parametrize("name", TABLES)
def test_every_table_of_the_registry_has_a_readable_shape(name: str) -> None:
    shape = as_wanted(TABLES[name])
    row = json.dumps({shape.key: KEY})
    table = decode(row, shape=shape)
    assert table.num_rows == 1
    assert len(set(table.column_names)) == len(table.column_names)


@pytest.mark.parametrize("column", ["_slaid_value", "_ownerid_value"])
@pytest.mark.parametrize("text", ["{39E0DBE4-131B-E111-BA7E-78E7D1620F5E}", "39E0DBE4-131B-E111-BA7E-78E7D1620F5E"])
def test_an_id_in_capitals_or_braces_is_the_same_id(column: str, text: str) -> None:
    assert one(column, text) == "39e0dbe4-131b-e111-ba7e-78e7d1620f5e"


@pytest.mark.parametrize("column", ["_slaid_value", "_ownerid_value"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "39e0dbe4131be111ba7e78e7d1620f5e",
        "39e0dbe4-131b-e111-ba7e-78e7d1620f5g",
        "39e0dbe4-131b-e111-ba7e-78e7d1620f5e\n",
    ],
)
def test_an_id_that_is_no_guid_is_refused_by_column_and_row_and_not_quoted(column: str, text: str) -> None:
    other = f'{{"thingid": "{KEY[:-1]}2", "{column}": null}}'

    with pytest.raises(ContentError, match=rf"{column} of the row {KEY} .*read as a GUID.*\(table thing\)") as refused:
        decode(other, {column: text})

    assert len(text) < 2 or text not in str(refused.value)


def test_a_key_that_is_no_guid_is_refused() -> None:
    with pytest.raises(ContentError, match=r"thingid of the row without a readable key .*read as a GUID"):
        decode({"thingid": "CAS-1"})


def test_a_time_that_is_none_is_refused_by_column_and_row() -> None:
    with pytest.raises(ContentError, match=rf"createdon of the row {KEY} .*timestamp"):
        decode({"thingid": KEY[:-1] + "2", "createdon": "2026-02-09T12:14:03Z"}, {"createdon": "yesterday"})
