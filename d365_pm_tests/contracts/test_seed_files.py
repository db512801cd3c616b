"""Seed files, good and bad; a bad one is never passed over."""

from decimal import Decimal
from pathlib import Path

import pytest

from d365_pm.contracts.errors import SeedError
from d365_pm.contracts.seed_files import read_seed, read_seeds
from d365_pm.contracts.seed_spec import SeedColumn, SeedSpec
from d365_pm.contracts.seeds import ACTIVITY_CODES, EXTENDED_ACTIVITIES, SEEDS
from d365_pm.paths import sql_root

ROLES = SeedSpec(
    "roles",
    (
        SeedColumn("code", "whole"),
        SeedColumn("role", allowed=frozenset({"open", "closed"})),
        SeedColumn("is_on", "flag", required=False),
        SeedColumn("share", "decimal", required=False),
        SeedColumn("remark", required=False),
    ),
    key=("code",),
)
HEADER = "code,role,is_on,share,remark\n"


def written(folder: Path, text: str | bytes, name: str = "roles.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_good_file_is_typed_whatever_its_order_of_columns(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '\ufeffrole,code,remark,share,is_on\r\nopen, 1 ,"a, b",0.5,true\r\n\r\nclosed,-2,"two\nlines",,False\r\n',
    )
    assert read_seed(path, ROLES).rows == (
        (1, "open", True, Decimal("0.5"), "a, b"),
        (-2, "closed", False, None, "two\nlines"),
    )


def test_a_file_without_rows_is_a_rule_that_never_applies(tmp_path: Path) -> None:
    assert read_seed(written(tmp_path, HEADER), ROLES).rows == ()


BAD = {
    "empty": ("", "roles.csv is empty; its first line must be code,role"),
    "unknown column": ("code,role,is_on,share,remark,colour\n", "roles.csv:1: unknown column 'colour'"),
    "missing column": ("code,is_on,share,remark\n", "roles.csv:1: no column 'role'"),
    "column twice": ("code,role,is_on,share,remark,code\n", "roles.csv:1: a column is there twice"),
    "semicolons": ("code;role;is_on;share;remark\n", "separated by commas"),
    "not allowed": (f"{HEADER}1,opened,,,\n", "roles.csv:2: column 'role' is 'opened', which is none of closed, open"),
    "empty cell": (f"{HEADER},open,,,\n", "roles.csv:2: column 'code' must not be empty"),
    "not whole": (
        f"{HEADER}1,open,,,\n1.5,open,,,\n",
        "roles.csv:3: column 'code' is '1.5', but must be a whole number",
    ),
    "too big": (f"{HEADER}99999999999,open,,,\n", "column 'code' is '99999999999'"),
    "no flag": (f"{HEADER}1,open,yes,,\n", "column 'is_on' is 'yes', but must be true or false"),
    "comma decimal": (
        f'{HEADER}1,open,,"0,5",\n',
        "column 'share' is '0,5', but must be a number with a decimal point",
    ),
    "infinite": (f"{HEADER}1,open,,inf,\n", "must be a finite number"),
    "same key": (f"{HEADER}1,open,,,\n2,open,,,\n1,closed,,,\n", "roles.csv:4: the same code is already on line 2"),
    "too few cells": (f"{HEADER}1,open\n", "roles.csv:2: 2 values for 5 columns"),
    "too many cells": (f"{HEADER}1,open,,,a,b\n", "roles.csv:2: 6 values for 5 columns"),
    "open quote": (f'{HEADER}1,open,,,"never\n', "this is not CSV"),
    "latin 1": (f"{HEADER}1,open,,,ação\n".encode("latin-1"), "roles.csv is not UTF-8"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_is_an_error_with_its_place(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(SeedError) as caught:
        read_seed(written(tmp_path, text), ROLES)
    assert words in str(caught.value)


def test_an_overriding_file_replaces_the_one_that_ships(tmp_path: Path) -> None:
    written(tmp_path / "shipped", f"{HEADER}1,open,,,shipped\n")
    path = written(tmp_path / "own", f"{HEADER}1,closed,,,own\n")
    (seed,) = read_seeds(tmp_path / "shipped", {"roles": ROLES}, overrides=tmp_path / "own")
    assert (seed.path, seed.rows[0][4]) == (path, "own")


@pytest.mark.parametrize("name", ["rolls.csv", "roles.CSV", "roles.xlsx", "roles", "README.md"])
def test_a_file_that_nothing_reads_is_an_error(tmp_path: Path, name: str) -> None:
    written(tmp_path / "shipped", HEADER)
    written(tmp_path / "own", HEADER, name)
    with pytest.raises(SeedError, match=r"is no seed that anything reads.*Seeds are roles\.csv"):
        read_seeds(tmp_path / "shipped", {"roles": ROLES}, overrides=tmp_path / "own")


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    written(tmp_path / "shipped", HEADER)
    with pytest.raises(SeedError, match="D365_PM_SEEDS_DIR"):
        read_seeds(tmp_path / "shipped", {"roles": ROLES}, overrides=tmp_path / "nowhere")


def test_a_shipped_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match=r"roles\.csv is missing"):
        read_seeds(tmp_path, {"roles": ROLES})


def test_the_seeds_that_ship_keep_their_promise() -> None:
    seeds = {seed.spec.name: seed for seed in read_seeds(sql_root() / "seeds", SEEDS)}
    assert {row[0] for row in seeds["activities"].rows} == ACTIVITY_CODES | EXTENDED_ACTIVITIES


@pytest.mark.parametrize("name", ["new_area", "cr1f2_category", "msdyn_casetype"])
def test_the_type_of_a_request_may_be_a_column_of_the_organisation(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"key,value,remark\nservice_request_type_column,{name},\n", "choices.csv")
    assert read_seed(path, SEEDS["choices"]).rows == (("service_request_type_column", name, None),)


@pytest.mark.parametrize("name", ["title", "New Area", "new_area; drop", "new_Área"])
def test_the_type_of_a_request_is_no_other_text(name: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"key,value,remark\nservice_request_type_column,{name},\n", "choices.csv")
    with pytest.raises(SeedError, match=r"choices\.csv:2: 'service_request_type_column' .* no logical name"):
        read_seed(path, SEEDS["choices"])


def test_a_key_has_only_its_own_values(tmp_path: Path) -> None:
    path = written(tmp_path, "key,value,remark\nsla_breach_rule,casetypecode,\n", "choices.csv")
    with pytest.raises(SeedError, match=r"choices\.csv:2: 'sla_breach_rule' is 'casetypecode'.*formula_only"):
        read_seed(path, SEEDS["choices"])


def test_a_profile_replaces_what_ships_and_an_own_file_replaces_both(tmp_path: Path) -> None:
    written(tmp_path / "shipped", f"{HEADER}1,open,,,shipped\n")
    profile = written(tmp_path / "profile", f"{HEADER}1,open,,,profile\n")
    (seed,) = read_seeds(tmp_path / "shipped", {"roles": ROLES}, profile=tmp_path / "profile")
    assert seed.path == profile
    own = written(tmp_path / "own", f"{HEADER}1,closed,,,own\n")
    (seed,) = read_seeds(
        tmp_path / "shipped", {"roles": ROLES}, profile=tmp_path / "profile", overrides=tmp_path / "own"
    )
    assert seed.path == own


def test_the_seeds_of_every_profile_keep_their_promise() -> None:
    for profile in (sql_root() / "profiles").iterdir():
        replaced = {path.stem for path in profile.iterdir()}
        seeds = read_seeds(sql_root() / "seeds", SEEDS, profile=profile)
        assert {seed.spec.name for seed in seeds if seed.path.parent == profile} == replaced


def test_a_profile_knows_every_choice_and_status_of_those_that_ship() -> None:
    shipped = {seed.spec.name: seed for seed in read_seeds(sql_root() / "seeds", SEEDS)}
    for seed in read_seeds(sql_root() / "seeds", SEEDS, profile=sql_root() / "profiles" / "template_literal"):
        if seed.spec.name in ("choices", "status_roles"):
            assert [row[0] for row in seed.rows] == [row[0] for row in shipped[seed.spec.name].rows]
