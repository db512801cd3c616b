-- Both verdicts on the resolution target of a case, the platform's and the template's; the first response beside it.
--
-- rule: SLA breach (reference: event-log-semantics 2.7, 2.20)
-- unique: case_key
-- stored: step

with verdict as (
    select
        o.case_key as case_key,
        s.sla_breach_rule as sla_breach_rule,
        r.is_breached as is_breached,
        r.breach_basis as breach_basis,
        r.breach_confidence as breach_confidence,
        r.is_contradictory as is_contradictory,
        r.target_seconds as target_seconds,
        r.target_basis as target_basis,
        r.target_confidence as target_confidence,
        r.deadline as deadline,
        r.calendar_seconds as calendar_seconds,
        r.sla_name as sla_name,
        o.cycle_seconds > r.target_seconds as is_breached_by_cycle_time,
        f.is_breached as is_first_response_breached,
        f.breach_basis as first_response_basis
    from marts.case_outcome as o
    cross join staging.rule_settings as s
    left join staging.sla_verdict as r
        on
            o.case_id = r.case_id
            and r.sla_kpi = 'resolution'
    left join staging.sla_verdict as f
        on
            o.case_id = f.case_id
            and f.sla_kpi = 'first_response'
)

select
    v.case_key as case_key,                         -- Dense number of the case in this run.
    case
        when v.sla_breach_rule = 'formula_only' then v.is_breached_by_cycle_time
        else v.is_breached
    end as is_breached,                             -- The resolution target was missed, by the chosen rule.
    case
        when v.sla_breach_rule <> 'formula_only' then v.breach_basis
        when v.is_breached_by_cycle_time is not null then 'formula'
    end as breach_basis,                            -- Evidence of the verdict.
    case
        when v.sla_breach_rule <> 'formula_only' then v.breach_confidence
        when v.is_breached_by_cycle_time is not null then v.target_confidence
    end as breach_confidence,                       -- A to C.
    v.is_breached_by_cycle_time
        as is_breached_by_cycle_time,               -- Cycle time above the target, as the template computes it.
    v.is_breached <> v.is_breached_by_cycle_time
        as is_verdict_different,                    -- The two verdicts differ; null where one is missing.
    coalesce(v.is_contradictory, false) as is_contradictory,  -- The clock is marked as met although it was met late.
    v.target_seconds as target_seconds,             -- Seconds allowed for the resolution.
    v.target_basis as target_basis,                 -- item, calendar or legacy.
    v.target_confidence as target_confidence,       -- A or C.
    v.deadline as deadline,                         -- UTC instant of the deadline as it stands.
    v.calendar_seconds as calendar_seconds,         -- Seconds from start to deadline of the first clock of the chain.
    v.sla_name as sla_name,                         -- Agreement.
    v.is_first_response_breached as is_first_response_breached,  -- The first response came too late.
    v.first_response_basis as first_response_basis  -- Evidence of that verdict.
from verdict as v
