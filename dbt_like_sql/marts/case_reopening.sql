-- Whether a case that was resolved came back within the reopen window after its first resolution. One row per such case.
--
-- Nobody knows before it was watched for so long, so that the mean of the verdict is the reopen rate of any cohort.
--
-- rule: reopen rate (reference: event-log-semantics, K7 and reopen_window)
-- unique: case_key
-- stored: step

with first_return as (
    select
        f.case_key as case_key,
        min(e.event_time) as returned_at
    from marts.case_facts as f
    inner join marts.event_position as e
        on
            f.case_key = e.case_key
            and e.activity_code = 'case_reactivated'
            and e.kind = 'Resolved'
            and e.event_time >= f.first_resolved_at
    group by f.case_key
)

select
    f.case_key as case_key,                         -- Dense number of the case in this run.
    case
        when
            epoch_us(least(a.as_of, i.deleted_at)) - epoch_us(f.first_resolved_at)
            < s.reopen_window_seconds * 1000000
            then null
        when epoch_us(r.returned_at) - epoch_us(f.first_resolved_at) <= s.reopen_window_seconds * 1000000 then true
        when c.status = 'full' and u.case_id is null then false
    end as is_reopened                              -- It came back in time; null while nobody can tell.
from marts.case_facts as f
inner join staging.incident as i
    on f.case_key = i.case_key
inner join staging.audit_coverage as c
    on f.case_key = c.case_key
cross join staging.rule_settings as s
cross join staging.as_of as a
left join first_return as r
    on f.case_key = r.case_key
left join staging.inferred_reactivation as u
    on i.case_id = u.case_id
where f.first_resolved_at is not null
