-- Whether a case needed rework, with the reasons. False only where every kind of rework would have been seen.
--
-- rule: rework (reference: event-log-semantics 2.14)
-- unique: case_key
-- stored: step

with sign as (
    select
        f.case_key as case_key,
        case when f.reopenings > 0 or u.case_id is not null then '|reactivated' else '' end
        || case when f.resolutions > 1 then '|resolved_again' else '' end
        || case when f.information_requests > 1 then '|information_requested_again' else '' end
        || case when f.recategorizations > 1 then '|recategorized_again' else '' end
        || case when f.escalations > 1 then '|escalated_again' else '' end
        || case when p.case_id is not null then '|owner_ping_pong' else '' end as reasons,
        c.owner = 'full'
        and c.status = 'full'
        and c.escalation = 'full'
        and c.category = 'full' as is_covered
    from marts.case_facts as f
    inner join staging.audit_coverage as c
        on f.case_key = c.case_key
    left join staging.inferred_reactivation as u
        on c.case_id = u.case_id
    left join staging.owner_ping_pong as p
        on c.case_id = p.case_id
)

select
    s.case_key as case_key,                      -- Dense number of the case in this run.
    case
        when s.reasons <> '' then true
        when s.is_covered then false
    end as is_rework,                            -- The case needed rework; null while nobody can tell.
    nullif(substr(s.reasons, 2), '') as reasons  -- Kinds of rework that were seen.
from sign as s
