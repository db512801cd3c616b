"""Each check of the cases fails for exactly its own defect (event-log semantics, sections 2, 4 and 9)."""

import pytest

from d365_pm_tests.contracts.defects import Defect, Plant, case, first, sees

_RESOLVED = "CaseOutcome = 'Resolved'"
_UNTOUCHED = "CaseOutcome = 'Open' and ResolutionCount = 0"
_FIRST_END = "select c.CaseGuid from marts.cases as c where c.ReactivationCount = 1 and c.ResolutionCount = 2"
_ODD = f"""
    create temp table swapped as
    select
        r.EventId as first_id, r.SeqInCase as first_seq, r.EventTime as first_time, r.EventTimeOrdered as first_ordered,
        a.EventId as then_id, a.SeqInCase as then_seq, a.EventTime as then_time, a.EventTimeOrdered as then_ordered,
        a.CaseGuid as case_id
    from marts.events as r
    inner join marts.events as a on r.CaseGuid = a.CaseGuid and r.SeqInCase < a.SeqInCase
    where
        r.ActivityCode = 'case_resolved' and a.ActivityCode = 'case_reactivated' and r.CaseGuid in ({_FIRST_END})
        and r.EventTime = r.EventTimeOrdered and a.EventTime = a.EventTimeOrdered
    order by r.CaseGuid limit 1;
    update marts.events as e
    set SeqInCase = s.then_seq, EventTime = s.then_time, EventTimeOrdered = s.then_ordered
    from swapped as s where e.EventId = s.first_id;
    update marts.events as e
    set SeqInCase = s.first_seq, EventTime = s.first_time, EventTimeOrdered = s.first_ordered
    from swapped as s where e.EventId = s.then_id;
"""
_NEW_CASE = "select * replace ('11111111-0000-0000-0000-000000000000' as case_id, 1000000 as case_key"
_DEFECTS = {
    "case_outcome_known": Defect(case("CaseOutcome = 'Lost'", _UNTOUCHED), 1, sees("outcome_follows_last_event")),
    "resolved_cases_have_resolution": Defect(
        case("ResolutionCount = 0", f"{_RESOLVED} and IsFirstContactResolution is not true"),
        1,
        sees("case_counts_match_events"),
    ),
    "unfinished_cases_have_no_verdicts": Defect(
        case("IsFirstContactResolution = false, FcrFailReasons = 'too_slow'", "CaseOutcome = 'Cancelled'")
    ),
    "cycle_time_adds_up": Defect(case("ActiveTime = ActiveTime + 1", "ActiveTime is not null")),
    "handling_times_not_negative": Defect(case("NetHandlingTime = -1")),
    "first_resolution_not_after_last": Defect(
        case("TimeToFirstResolution = ServiceRequestCycleTime + 1", "ServiceRequestCycleTime is not null")
    ),
    "breach_by_cycle_time_is_formula": Defect(
        case(
            "IsSlaBreachedByCycleTime = not IsSlaBreachedByCycleTime, SlaVerdictsDiffer = not SlaVerdictsDiffer",
            "SlaVerdictsDiffer is not null",
        )
    ),
    "sla_values_have_basis": Defect(case("SlaBreachBasis = null", "IsSlaBreached is not null")),
    "escalated_fits_basis": Defect(case("IsEscalated = true", "IsEscalated = false")),
    "rework_fits_reasons": Defect(case("IsRework = true", "IsRework = false")),
    "first_contact_fits_reasons": Defect(case("FcrFailReasons = null", "IsFirstContactResolution = false")),
    "no_without_audit_is_unknown": Defect(case("EscalationAuditCoverage = 'none'", "IsEscalated = false")),
    "satisfaction_has_source": Defect(case("CsatSource = null", "CustomerSatisfactionScore is not null")),
    "states_in_order": Defect(
        f"{_ODD} update marts.cases set StateOrderAnomaly = true where CaseGuid in (select case_id from swapped)"
    ),
    "state_anomalies_marked": Defect(_ODD),
    "resolved_after_creation": Defect(case("CycleTimeAnomaly = true", _RESOLVED)),
    "sla_clock_not_contradictory": Defect(case("SlaContradiction = true")),
    "durations_plausible": Defect(
        case("SlaTargetResolutionTime = 400000000", "CaseOutcome = 'Open' and SlaTargetResolutionTime > 0")
    ),
    "withdrawn_cases_not_resolved": Defect(
        case("ResolutionCount = 1", "CaseOutcome = 'Cancelled' and ResolutionCount = 0"),
        1,
        sees("case_counts_match_events"),
    ),
    "case_numbers_given": Defect(case("ServiceRequest = ServiceRequest || '~0a1b2c3d'")),
    "case_codes_labelled": Defect(case("Channel = 'code:99'")),
    "case_owners_known": Defect(case("CurrentOwner = 'user:0a1b2c3d'")),
    "case_has_events": Defect(
        "insert into marts.cases select * replace ('11111111-0000-0000-0000-000000000000' as CaseGuid, 'CAS-X' as "
        f"ServiceRequest) from marts.cases where {first('marts.cases', _UNTOUCHED)};"
        f"insert into staging.incident {_NEW_CASE}) from staging.incident limit 1"
    ),
    "cycle_time_is_end_minus_start": Defect(
        case(
            "ServiceRequestCycleTime = ServiceRequestCycleTime + 1, ActiveTime = ActiveTime + 1",
            "ActiveTime > 0 and abs(ServiceRequestCycleTime - SlaTargetResolutionTime) > 10",
        )
    ),
    "resolved_cases_have_cycle_time": Defect(
        case(
            "ServiceRequestCycleTime = null, ActiveTime = null, IsSlaBreachedByCycleTime = null, "
            "SlaVerdictsDiffer = null",
            _RESOLVED,
        )
    ),
    "case_counts_match_events": Defect(case("EventCount = EventCount + 1")),
    "sla_targets_given": Defect(
        "update staging.sla_verdict set target_seconds = null where "
        + first("staging.sla_verdict", "kpi_instance_id is not null")
    ),
    "sla_verdicts_compared": Defect(case("SlaVerdictsDiffer = not SlaVerdictsDiffer", "SlaVerdictsDiffer is not null")),
    "outcome_follows_last_event": Defect(case("CaseOutcome = 'Cancelled'", _UNTOUCHED)),
    "history_ends_at_present": Defect(
        f"update staging.incident set owner_id = uuid() where {first('staging.incident', 'true')}"
    ),
    "case_number_names_one_case": Defect(
        case("ServiceRequest = (select max(ServiceRequest) from marts.cases)", "true")
    ),
    "merged_into_known_case": Defect(case("MergedIntoCaseGuid = null", "CaseOutcome = 'Merged'")),
    "cases_reconciled": Defect(f"insert into staging.incident {_NEW_CASE}) from staging.incident limit 1"),
    "cases_with_impossible_times": Defect(
        f"insert into staging.incident {_NEW_CASE}, timestamptz '2099-01-01 00:00:00+00' as created_at) "
        "from staging.incident limit 1"
    ),
}


@pytest.mark.parametrize("name", _DEFECTS)
def test_a_check_of_the_cases_fails_for_exactly_its_own_defect(plant: Plant, name: str):
    plant.assert_only(name, _DEFECTS[name])
