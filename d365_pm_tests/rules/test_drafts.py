"""Drafts: whole seed files that load through the seeds' own validation, never written over without being told to."""

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from d365_pm.assets.tables import RAW_TABLES
from d365_pm.cli import app
from d365_pm.contracts.errors import SeedError
from d365_pm.contracts.seed_files import read_seeds
from d365_pm.contracts.seed_references import check_references
from d365_pm.contracts.seeds import SEEDS
from d365_pm.lake import open_load
from d365_pm.paths import sql_root
from d365_pm.rules import Certainty, Proposal, RulesError, suggest, write_drafts
from d365_pm_tests.models.desk import Desk
from d365_pm_tests.rules.proposed import raw_of, shipped_seeds

READ_AT = datetime(2024, 3, 20, tzinfo=UTC)


@pytest.fixture(scope="module")
def raw():
    desk = Desk(labels={("incident", "statuscode", 100): ('Com o "fornecedor", externo', "With supplier")})
    desk.case(statuscode=100)
    return raw_of(desk)


@pytest.fixture
def written(raw, tmp_path):
    proposals = suggest(raw, shipped_seeds())
    return proposals, write_drafts(proposals, shipped_seeds(), tmp_path / "rules")


def test_every_draft_loads_as_the_seed_of_an_organisation_and_fits_the_environment(raw, written):
    folder = written[1][0].parent
    seeds = read_seeds(sql_root() / "seeds", SEEDS, overrides=folder)
    check_references(raw, seeds, overrides=folder)
    roles = {row[:2] for seed in seeds if seed.spec.name == "status_roles" for row in seed.rows}

    assert {path.name for path in written[1]} == {"status_roles.csv", "escalation_targets.csv"}
    assert {(1, "in_progress"), (2000, "merged"), (100, "on_hold")} <= roles


def test_what_a_draft_says_is_not_proposed_again(raw, written):
    seeds = read_seeds(sql_root() / "seeds", SEEDS, overrides=written[1][0].parent)

    assert suggest(raw, seeds) == ()


def test_a_file_that_is_there_is_kept_and_nothing_else_is_written(raw, tmp_path):
    kept = tmp_path / "status_roles.csv"
    kept.write_text("mine")
    proposals = suggest(raw, shipped_seeds())

    with pytest.raises(RulesError, match=r"has status_roles\.csv already.*--force"):
        write_drafts(proposals, shipped_seeds(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["status_roles.csv"]
    assert kept.read_text() == "mine"


def test_force_replaces_it(raw, tmp_path):
    (tmp_path / "status_roles.csv").write_text("mine")
    write_drafts(suggest(raw, shipped_seeds()), shipped_seeds(), tmp_path, force=True)

    assert (tmp_path / "status_roles.csv").read_text().startswith("status_code,role,remark\n")


def test_a_row_that_no_seed_could_hold_is_refused(tmp_path):
    wrong = Proposal("status_roles", {"status_code": "7", "role": "sleeping"}, "", "", Certainty.LOW)

    with pytest.raises(SeedError, match="sleeping"):
        write_drafts([wrong], shipped_seeds(), tmp_path)


def page(row, schema):
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names}], schema=schema)


@pytest.fixture
def loaded(monkeypatch, tmp_path):
    """The command over a raw layer that has one case of an unknown status reason."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("D365_PM_DATA_DIR", str(tmp_path / "data"))
    label = {"table_name": "incident", "column_name": "statuscode", "code": 100, "language": 1046, "label": "Encerrado"}
    key = "7b1c9d40-aaaa-4e5f-8a9b-000000000001"
    case = {"incidentid": key, "statecode": 1, "statuscode": 100, "createdon": READ_AT, "modifiedon": READ_AT}
    for name, row in (("option_label", label), ("incident", case)):
        with open_load(tmp_path / "data" / "raw", RAW_TABLES[name], extracted_at=READ_AT) as load:
            load.write(page(row, RAW_TABLES[name].schema))
            load.commit()
    return lambda *arguments: CliRunner().invoke(app, ["rules", "suggest", *arguments])


def test_the_command_writes_drafts_from_the_raw_layer_alone(loaded, tmp_path):
    result = loaded("--write", str(tmp_path / "mine"))

    assert result.exit_code == 0, result.output
    assert "100,closed,Encerrado" in (tmp_path / "mine" / "status_roles.csv").read_text()
    assert "D365_PM_SEEDS_DIR" in result.stdout


def test_json_is_the_proposals_and_nothing_else(loaded):
    [proposal] = json.loads(loaded("--json").stdout)

    assert (proposal["seed"], proposal["row"]["role"], proposal["certainty"]) == ("status_roles", "closed", "high")


def test_without_data_the_command_says_what_to_run_first(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("D365_PM_DATA_DIR", str(tmp_path / "nothing"))
    error = CliRunner().invoke(app, ["rules", "suggest"]).exception

    assert "run `d365-pm run` first" in str(error)
