-- Cases whose present state or status reason is an end that no audit row shows. One row per case.
--
-- The last touch of the case is the latest moment of its end; an end comes no earlier than the resolution it follows.
--
-- rule: CL4, CL5 (reference: event-log-semantics 3.3)
-- unique: case_id

with resolution as (
    select
        r.case_id as case_id,
        max(r.resolved_at) as resolved_at
    from staging.untold_value as u
    inner join staging.case_resolution as r
        on u.case_id = r.case_id
    group by r.case_id
)

select
    u.case_id as case_id,
    case when s.role = 'closed' then 'CL5' else 'CL4' end as rule,
    case
        when s.role = 'closed' then 'Closed'
        when s.role = 'merged' or i.master_case_id is not null then 'Merged'
        else 'Cancelled'
    end as close_kind,
    case when s.role = 'closed' then greatest(u.changed_before, r.resolved_at) else u.changed_before end as closed_at,
    case when u.changed_before = i.modified_at then i.modified_by_id end as actor_id,
    i.status_code as status_code
from staging.untold_value as u
inner join staging.incident as i
    on u.case_id = i.case_id
left join seeds.status_roles as s
    on i.status_code = s.status_code
left join resolution as r
    on u.case_id = r.case_id
where
    (u.column_name = 'statecode' and i.state_code = 2)
    or (u.column_name = 'statuscode' and i.state_code <> 2 and s.role = 'closed')
