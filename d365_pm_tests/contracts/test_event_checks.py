"""Each check of single events fails for exactly its own defect (event-log semantics, sections 1, 3, 4.7 and 9)."""

import pytest

from d365_pm_tests.contracts.defects import Defect, Plant, event, sees

_LAST = (
    "Rule = 'V1' and (CaseGuid, SeqInCase) in (select e.CaseGuid, max(e.SeqInCase) from marts.events as e group by all)"
)
_TIED = """
    create temp table tied as
    select a.EventId as first_id, b.EventId as then_id
    from marts.events as a
    inner join marts.events as b
        on a.CaseGuid = b.CaseGuid and a.EventTime = b.EventTime and a.SeqInCase + 1 = b.SeqInCase
    where a.Rule = 'P1' and b.Rule = 'A1' order by a.EventId limit 1;
"""
_SWAP_TIED = f"""{_TIED}
    update marts.events set SeqInCase = SeqInCase + 1, EventTimeOrdered = EventTimeOrdered + interval 1 millisecond
    where EventId = (select first_id from tied);
    update marts.events set SeqInCase = SeqInCase - 1, EventTimeOrdered = EventTimeOrdered - interval 1 millisecond
    where EventId = (select then_id from tied);
"""
_YOUNG = "(select min(c.CaseGuid) from marts.cases as c where c.CaseOutcome = 'Open' and c.ResolutionCount = 0)"
_DEFECTS = {
    "evidence_complete": Defect(event("SourceTable = null", "Rule = 'I1'")),
    "evidence_class_known": Defect(event("EvidenceClass = 'guess'", "Rule = 'A2'")),
    "confidence_known": Defect(event("Confidence = 'E'", "Rule = 'A2'"), 1, sees("confidence_fits_rule")),
    "confidence_fits_rule": Defect(event("Confidence = 'B'", "Rule = 'A1'")),
    "inferred_events_flagged": Defect(event("EvidenceClass = 'explicit'", "Rule = 'I1'")),
    "audit_coverage_known": Defect(event("AuditCoverage = 'some'", "Rule = 'I1'")),
    "audited_events_have_audit": Defect(event("AuditCoverage = 'none'", "Rule = 'RE1'")),
    "event_time_plausible": Defect(
        "update marts.events set EventTime = '1999-01-01 00:00:00+00', EventTimeOrdered = '1999-01-01 00:00:00+00' "
        f"where ActivityCode = 'case_created' and CaseGuid = {_YOUNG};"
        f"update marts.cases set CreatedAt = '1999-01-01 00:00:00+00' where CaseGuid = {_YOUNG}"
    ),
    "time_bounds_enclose_event": Defect(event("TimeUpper = EventTime - interval 1 second", "Rule = 'I1'")),
    "sequence_without_gaps": Defect(event("SeqInCase = SeqInCase + 1", _LAST)),
    "sequence_follows_time": Defect(
        event("EventTime = EventTime - interval 10 second, EventTimeOrdered = EventTime - interval 10 second", _LAST),
        1,
        sees("ordered_time_follows_sequence"),
    ),
    "ordered_time_follows_sequence": Defect(event("EventTimeOrdered = EventTime + interval 2 second", _LAST)),
    "ties_follow_rank": Defect(_SWAP_TIED),
    "actor_type_known": Defect(event("ActorType = 'robot'", "Rule = 'I1'")),
    "event_kinds_filled": Defect(event("CloseKind = null", "Rule = 'CL2'"), 1, sees("outcome_follows_last_event")),
    "timers_name_their_kpi": Defect(event("SlaKpi = null", "Rule = 'S1'")),
    "articles_only_where_used": Defect(event("KnowledgeArticleId = 'KA-01337'", "Rule = 'R1'")),
    "article_number_form": Defect(event("KnowledgeArticleId = '42'", "Rule = 'I1'")),
    "people_known": Defect(event("AgentName = 'user:0a1b2c3d'", "Rule = 'I1'")),
    "event_codes_labelled": Defect(event("StatusReason = 'code:77'", "Rule = 'I1'")),
}


@pytest.mark.parametrize("name", _DEFECTS)
def test_a_check_of_single_events_fails_for_exactly_its_own_defect(plant: Plant, name: str):
    plant.assert_only(name, _DEFECTS[name])
