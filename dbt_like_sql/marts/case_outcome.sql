-- How each case stands at the as-of instant, and its durations. One row per case of the log.
--
-- Cycle times exist only for cases that are resolved now; a negative one is an import error and stays empty.
--
-- rule: outcome, cycle time (reference: event-log-semantics 2.21, 4.2, K9)
-- unique: case_key
-- stored: step

with state as (
    select
        i.case_key as case_key,
        i.case_id as case_id,
        i.created_at as created_at,
        f.first_resolved_at as first_resolved_at,
        f.last_resolved_at as last_resolved_at,
        f.resolved_gap_seconds as resolved_gap_seconds,
        i.state_code = 1 and f.resolutions > 0 and i.deleted_at is null as is_resolved,
        case
            when i.deleted_at is not null then 'Deleted'
            when r.role = 'merged' or (i.state_code = 2 and i.master_case_id is not null) then 'Merged'
            when r.role = 'closed' then 'Closed'
            when i.state_code = 2 then 'Cancelled'
            when i.state_code = 1 and f.resolutions > 0 then 'Resolved'
            else 'Open'
        end as case_outcome
    from staging.incident as i
    inner join marts.case_facts as f
        on i.case_key = f.case_key
    left join seeds.status_roles as r
        on i.status_code = r.status_code
),

duration as (
    select
        s.case_key as case_key,
        s.case_id as case_id,
        s.case_outcome as case_outcome,
        s.is_resolved as is_resolved,
        s.resolved_gap_seconds as resolved_gap_seconds,
        case when s.is_resolved then (epoch_us(s.last_resolved_at) - epoch_us(s.created_at)) // 1000000 end
            as cycle_seconds,
        (epoch_us(s.first_resolved_at) - epoch_us(s.created_at)) // 1000000 as first_resolution_seconds
    from state as s
),

plausible as (
    select
        d.case_key as case_key,
        d.case_id as case_id,
        d.case_outcome as case_outcome,
        d.is_resolved as is_resolved,
        d.resolved_gap_seconds as resolved_gap_seconds,
        case when d.cycle_seconds >= 0 then d.cycle_seconds end as cycle_seconds,
        case when d.first_resolution_seconds >= 0 then d.first_resolution_seconds end as first_resolution_seconds,
        coalesce(d.cycle_seconds < 0, false) as is_negative
    from duration as d
)

select
    p.case_key as case_key,                                 -- Dense number of the case in this run.
    p.case_id as case_id,                                   -- Case.
    p.case_outcome as case_outcome,                         -- Open, Resolved, Closed, Cancelled, Merged or Deleted.
    p.is_resolved as is_resolved,                           -- The case is in the state Resolved.
    p.is_negative as is_cycle_negative,                     -- The last resolution is older than the case.
    p.cycle_seconds as cycle_seconds,                       -- Creation to last resolution.
    p.first_resolution_seconds as first_resolution_seconds,  -- Creation to first resolution.
    case
        when u.case_id is null then p.cycle_seconds - p.resolved_gap_seconds
    end as active_seconds,                                  -- Cycle time without the time it lay resolved, if known.
    case
        when c.status = 'full' then coalesce(w.wait_seconds, 0)
        else w.wait_seconds
    end as customer_wait_seconds,                           -- Time in a waiting status reason.
    case
        when c.status = 'full' then coalesce(w.wait_seconds_by_contact, 0)
        else w.wait_seconds_by_contact
    end as customer_wait_seconds_by_contact                 -- The same, ended by the customer's contact if earlier.
from plausible as p
inner join staging.audit_coverage as c
    on p.case_key = c.case_key
left join staging.inferred_reactivation as u
    on p.case_id = u.case_id
left join staging.customer_wait as w
    on p.case_id = w.case_id
