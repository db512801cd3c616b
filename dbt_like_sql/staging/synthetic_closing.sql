-- Closings made up for resolved cases that nobody closed, only if switched on. One row per case.
--
-- For products that insist on a common last step; the time from resolution to closing means nothing then.
--
-- rule: CL6, CL7 (reference: event-log-semantics 3.3)
-- unique: case_id

with last_resolution as (
    select
        r.case_id as case_id,
        r.resolved_at as resolved_at
    from staging.case_resolution as r
    cross join staging.rule_settings as s
    inner join staging.incident as i
        on r.case_id = i.case_id
    where
        s.synthesize_close <> 'none'
        and i.state_code = 1
    qualify row_number() over (partition by r.case_id order by r.resolved_at desc, r.source_row_id desc) = 1
),

closing as (
    select
        r.case_id as case_id,
        s.synthesize_close as synthesize_close,
        case s.synthesize_close
            when 'after_days' then r.resolved_at + interval '1 day' * s.synthetic_close_days
            else r.resolved_at
        end as closed_at
    from last_resolution as r
    cross join staging.rule_settings as s
    left join staging.case_closing as c
        on
            r.case_id = c.case_id
            and r.resolved_at <= c.closed_at
    left join staging.case_reactivation as b
        on
            r.case_id = b.case_id
            and r.resolved_at < b.reactivated_at
    where
        c.case_id is null
        and b.case_id is null
)

select
    c.case_id as case_id,
    case c.synthesize_close when 'after_days' then 'CL7' else 'CL6' end as rule,
    c.closed_at as closed_at
from closing as c
cross join staging.as_of as a
where c.closed_at <= a.as_of
