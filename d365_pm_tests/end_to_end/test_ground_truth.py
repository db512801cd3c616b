"""The event log against what the generator knows of each life: every event and every attribute, to the second.

Through the sandbox's server, the client and Dagster; `ground_truth` has more desks, and environments that audit less.
"""

from datetime import UTC, datetime

import pytest

from d365_pm.sandbox.desk import EVENTFUL, PLAIN, generate
from d365_pm.sandbox.process import start_sandbox
from d365_pm_tests.end_to_end.comparison import agreement, read_log, truth_rows, wrong_attributes
from d365_pm_tests.ground_truth.rules import write_rules

pytestmark = pytest.mark.slow

END = datetime(2026, 11, 29, 13, 43, 19, tzinfo=UTC)
"""The same desks in every run: a second later they would be others, and at this one they held two faults."""

ACTIVITIES = {
    "Caso Atribuído",
    "Caso Criado",
    "Caso Encerrado",
    "Caso Escalado",
    "Caso Resolvido",
    "Timer do SLA iniciado",
    "Agente Investigou o Problema",
    "Caso Reativado",
    "Categorização do Caso Alterada",
    "Informação Solicitada ao Cliente",
    "Item da fila retirado pelo agente",
    "Pesquisa de satisfação enviada",
    "Solução proposta ao cliente",
}
"""The 13 labels as the template spells them (reference: event-log-semantics 3)."""


@pytest.mark.parametrize(("seed", "habits"), [(1, PLAIN), (2, EVENTFUL)], ids=["as shipped", "eventful"])
def test_the_log_is_the_truth(seed, habits, run_pipeline, tmp_path):
    desk = generate(cases=1000, seed=seed, days=30, end=END, habits=habits)
    desk.write(tmp_path / "rows")
    rules = {"D365_PM_SEEDS_DIR": str(write_rules(tmp_path))} if habits.own_statuses else {}
    with start_sandbox(data=tmp_path / "rows") as sandbox:
        _, settings = run_pipeline({**sandbox.env, **rules})
    log = read_log(settings.warehouse)

    truth = truth_rows(desk.truth(as_of=log[0][4], language="pt-BR"))

    found = agreement(truth, log)
    assert set(found) == ACTIVITIES
    assert {name: (a.precision, a.recall) for name, a in found.items()} == dict.fromkeys(ACTIVITIES, (1.0, 1.0))
    assert wrong_attributes(truth, log) == {}
    assert len({row[0] for row in log}) == desk.tables["incident"].num_rows
