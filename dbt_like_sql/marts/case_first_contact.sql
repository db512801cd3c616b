-- Whether a case was resolved at first contact, with every reason against it and every condition that nobody can test.
--
-- rule: first contact resolution (reference: event-log-semantics 2.13)
-- unique: case_key
-- stored: step

with condition as (
    select
        f.case_key as case_key,
        o.is_resolved as is_resolved,
        f.resolutions <> 1 or f.reactivations > 0 as is_reopened,
        f.information_requests > 0 as is_asked,
        c.status = 'full' as is_asking_testable,
        coalesce(t.later_contacts, 0) > 0 as is_contacted_again,
        p.has_contacts as is_contact_testable,
        f.escalations > 0 as is_escalated,
        c.escalation = 'full' or i.escalated_at is null as is_escalation_testable,
        coalesce(o.cycle_seconds > s.fcr_max_seconds, false) as is_slow,
        o.cycle_seconds is not null as is_speed_testable,
        epoch_us(a.as_of) - epoch_us(f.last_resolved_at) >= s.fcr_maturity_seconds * 1000000 as is_mature
    from marts.case_facts as f
    inner join staging.incident as i
        on f.case_key = i.case_key
    inner join marts.case_outcome as o
        on f.case_key = o.case_key
    inner join staging.audit_coverage as c
        on f.case_key = c.case_key
    cross join staging.table_presence as p
    cross join staging.rule_settings as s
    cross join staging.as_of as a
    left join staging.case_contact as t
        on i.case_id = t.case_id
),

verdict as (
    select
        c.case_key as case_key,
        c.is_resolved as is_resolved,
        c.is_reopened or c.is_asked or c.is_contacted_again or c.is_escalated or c.is_slow as is_failed,
        case when c.is_reopened then '|reopened' else '' end
        || case when c.is_asked then '|information_requested' else '' end
        || case when c.is_contacted_again then '|contacted_again' else '' end
        || case when c.is_escalated then '|escalated' else '' end
        || case when c.is_slow then '|too_slow' else '' end as reasons,
        case when not c.is_asking_testable then '|information_requested' else '' end
        || case when not c.is_contact_testable then '|contacted_again' else '' end
        || case when not c.is_escalation_testable then '|escalated' else '' end
        || case when not c.is_speed_testable then '|too_slow' else '' end
        || case when not c.is_mature then '|not_mature' else '' end as untestable
    from condition as c
)

select
    v.case_key as case_key,  -- Dense number of the case in this run.
    case
        when not v.is_resolved then null
        when v.is_failed then false
        when v.untestable = '' then true
    end as is_first_contact,  -- Resolved at first contact; null while undecided.
    case
        when v.is_resolved then nullif(substr(v.reasons, 2), '')
    end as fail_reasons,     -- Conditions that the case fails.
    case
        when v.is_resolved and not v.is_failed then nullif(substr(v.untestable, 2), '')
    end as missing_evidence  -- Conditions that nobody can test, where they hold the verdict back.
from verdict as v
