"""Each check that compares events with each other or with what was read fails for exactly its own defect."""

import pytest

from d365_pm_tests.contracts.defects import Defect, Plant, event, first, sees

_TABLES = "marts.events as e inner join marts.events as n on e.CaseGuid = n.CaseGuid and e.SeqInCase + 1 = n.SeqInCase"
_OPEN = "(select min(c.CaseGuid) from marts.cases as c where c.CaseOutcome = 'Open' and c.ResolutionCount = 0)"
_RESOLVED = "(select min(c.CaseGuid) from marts.cases as c where c.CaseOutcome = 'Resolved')"


def _uncreated(case: str) -> str:
    """Statements that take the creation out of one case, and nothing else out of order."""
    return f"""
        create temp table victim as select {case} as case_id;
        delete from activities.case_created where case_id::varchar in (from victim);
        delete from marts.event_log where ActivityName = 'Caso Criado' and ServiceRequest in (
            select c.ServiceRequest from marts.cases as c where c.CaseGuid in (from victim)
        );
        delete from marts.events where ActivityCode = 'case_created' and CaseGuid in (from victim);
        update marts.events set SeqInCase = SeqInCase - 1 where CaseGuid in (from victim);
        update marts.cases set EventCount = EventCount - 1 where CaseGuid in (from victim)
    """


_CREATION_SECOND = f"""
    create temp table pair as select e.EventId as first_id, n.EventId as then_id, e.EventTime as moment from {_TABLES}
    where e.ActivityCode = 'case_created' and n.EventTime < e.EventTime + interval 1 minute order by 1 limit 1;
    update marts.events set SeqInCase = 2, EventTimeOrdered = EventTime + interval 1 millisecond
    where EventId = (select first_id from pair);
    update marts.events
    set SeqInCase = 1, EventTime = (select moment from pair), EventTimeOrdered = (select moment from pair)
    where EventId = (select then_id from pair);
"""
_SAME_QUEUE = f"""
    create temp table pair as
    select e.EventId as first_id, n.EventId as then_id, e.EventTime as moment, n.AssignedToId as queue_id from {_TABLES}
    where e.Rule = 'A2' and n.Rule = 'A3' order by 1 limit 1;
    update marts.events set Rule = 'A4', AssignmentKind = 'queue', AssignedToId = (select queue_id from pair)
    where EventId = (select first_id from pair);
    update marts.events set EventTime = (select moment from pair), EventTimeOrdered = (
        select o.EventTimeOrdered + interval 1 millisecond from marts.events as o where o.EventId in (
            select first_id from pair
        )
    )
    where EventId = (select then_id from pair);
"""
_SAME_RESOLUTION = f"""
    create temp table pair as select e.EventId as first_id, n.EventTime as moment from {_TABLES}
    where e.Rule = 'SP2' and n.Rule = 'R1' and n.EventTime > e.EventTime + interval 2 second order by 1 limit 1;
    update marts.events set Rule = 'R2', Confidence = 'A', EventTime = (select moment from pair) - interval 1 second,
        EventTimeOrdered = (select moment from pair) - interval 1 second
    where EventId = (select first_id from pair);
"""
_SAME_SURVEY = f"""
    create temp table pair as select e.EventId as first_id, n.EventTime as moment from {_TABLES}
    inner join marts.events as v on n.CaseGuid = v.CaseGuid and n.SeqInCase + 1 = v.SeqInCase
    where e.Rule = 'SP2' and n.Rule = 'R1' and v.Rule = 'V1' and n.EventTime > e.EventTime + interval 2 second
        and v.EventTime < n.EventTime + interval 4 minute
    order by 1 limit 1;
    update marts.events set Rule = 'V3', EventTime = (select moment from pair) - interval 1 second,
        EventTimeOrdered = (select moment from pair) - interval 1 second
    where EventId = (select first_id from pair);
"""
_DEFECTS = {
    "activity_shares_steady": Defect(
        "insert into last_activity select ActivityCode, count(*) from marts.events group by all;"
        "update last_activity set events = 3 * events where activity_code = 'case_resolved'"
    ),
    "unique_event_id": Defect(
        event("EventId = (select min(EventId) from marts.events)", "Rule = 'I1' and EventId > '1'"),
    ),
    "one_case_created": Defect(_uncreated(_OPEN)),
    "resolution_needs_creation": Defect(_uncreated(_RESOLVED), 1, sees("one_case_created")),
    "creation_comes_first": Defect(_CREATION_SECOND, 1, sees("ties_follow_rank")),
    "before_creation_marked": Defect(event("BeforeCreation = true", "Rule = 'I1'")),
    "event_has_case": Defect(
        f"create temp table victim as select {_OPEN} as case_id;"
        "delete from marts.events where CaseGuid in (from victim) and SeqInCase > 1;"
        "delete from marts.cases where CaseGuid in (from victim);"
        "delete from staging.email_meaning where case_id::varchar in (from victim);"
        "delete from staging.incident where case_id::varchar in (from victim)",
        1,
        sees("log_has_every_event"),
    ),
    "evidence_used_once": Defect(
        event("SourceRowId = (select max(SourceRowId) from marts.events where Rule = 'I1')", "Rule = 'I1'")
    ),
    "queue_entry_counted_once": Defect(_SAME_QUEUE),
    "resolution_counted_once": Defect(_SAME_RESOLUTION),
    "survey_counted_once": Defect(_SAME_SURVEY),
    "assumed_events_asked_for": Defect(
        event("Rule = 'A6', Confidence = 'D', EvidenceClass = 'synthetic'", "Rule = 'A2'")
    ),
    "sla_timers_are_chain_roots": Defect(
        "update staging.slakpiinstance set is_chain_root = false where "
        + first("staging.slakpiinstance", "is_chain_root")
    ),
    "clocks_reconciled": Defect(
        "update staging.slakpiinstance set is_chain_root = true where "
        + first("staging.slakpiinstance", "not is_chain_root")
    ),
    "activities_reconciled": Defect(
        f"delete from activities.case_created where {first('activities.case_created', 'true')}"
    ),
    "events_with_impossible_times": Defect(
        "insert into activities.case_resolved select * replace (timestamptz '2099-01-01 00:00:00+00' as event_time) "
        "from activities.case_resolved limit 1"
    ),
    "resolutions_reconciled": Defect(
        "update staging.incidentresolution set state_code = 0 where "
        + first("staging.incidentresolution", "state_code = 1")
    ),
    "labels_fit_codes": Defect(
        f"update marts.events set ActivityName = 'Caso Encerrado' "
        f"where ActivityCode = 'case_created' and CaseGuid = {_OPEN};"
        "update marts.event_log set ActivityName = 'Caso Encerrado' where ActivityName = 'Caso Criado' "
        f"and ServiceRequest = (select c.ServiceRequest from marts.cases as c where c.CaseGuid = {_OPEN})"
    ),
    "rows_usable": Defect("insert into staging.unusable_row values ('email', 'no GUID', 'its id is no GUID')"),
    "status_reasons_mapped": Defect("insert into staging.unmapped_status values (77, 'Parked', 1, 1)"),
    "outgoing_mail_reconciled": Defect(
        "update staging.email_meaning set discarded_because = null where "
        + first("staging.email_meaning", "meaning = 'discarded'")
    ),
}


@pytest.mark.parametrize("name", _DEFECTS)
def test_a_comparing_check_fails_for_exactly_its_own_defect(plant: Plant, name: str):
    plant.assert_only(name, _DEFECTS[name])


def test_an_activity_that_is_gone_since_the_last_log_is_reported(plant: Plant):
    plant.connection.execute(
        "insert into last_activity select ActivityCode, count(*) from marts.events group by all;"
        "insert into last_activity values ('case_parked', 100)"
    )

    assert plant.judged("activity_shares_steady").rows.column("ActivityCode").to_pylist() == ["case_parked"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("delete from staging.email_meaning where rowid = 0", id="without a meaning"),
        pytest.param("insert into staging.email_meaning from staging.email_meaning limit 1", id="two meanings"),
    ],
)
def test_an_email_without_exactly_one_meaning_is_reported(plant: Plant, change: str):
    plant.connection.execute(change)

    assert plant.judged("outgoing_mail_reconciled").failed == 1
