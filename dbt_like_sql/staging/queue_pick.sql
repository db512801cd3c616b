-- Every time a user became the worker of a case's queue item, audited or read off the present queue item.
--
-- Picking with removal leaves no worker behind, only a removed item and a new owner in the same second. Of a present
-- worker nobody recorded who set it; an owner change of that second tells, or the item's last touch if it was just that.
-- Where neither does, it may have been a supervisor: class C.
--
-- rule: P1 to P5 (reference: event-log-semantics 3.11)
-- unique: rule, source_row_id

with worked as (
    select
        c.case_id as case_id,
        c.changed_at as picked_at,
        c.new_id as worker_id,
        c.acted_through_id as acted_through_id,
        case when c.actor_id = c.new_id then 'self' else 'pushed' end as pick_kind,
        case when c.actor_id = c.new_id then 'P1' else 'P2' end as rule,
        c.audit_id as source_row_id,
        c.queue_item_id as queue_item_id
    from staging.queue_item_change as c
    where
        c.column_name = 'workerid'
        and c.operation = 'update'
        and c.new_type = 'systemuser'
),

removed as (
    select distinct
        o.case_id as case_id,
        d.changed_at as picked_at,
        d.actor_id as worker_id,
        d.acted_through_id as acted_through_id,
        d.audit_id as source_row_id,
        d.record_id as queue_item_id
    from staging.audit_change as d
    inner join staging.owner_change as o
        on
            try_cast(d.old_value as uuid) = o.case_id
            and d.changed_at = o.changed_at
            and d.actor_id = o.new_owner_id
    left join worked as w
        on
            o.case_id = w.case_id
            and d.changed_at = w.picked_at
            and d.actor_id = w.worker_id
    where
        d.table_name = 'queueitem'
        and d.column_name = 'objectid'
        and d.operation = 'delete'
        and not o.is_bulk
        and w.source_row_id is null
),

present as (
    select
        q.case_id as case_id,
        q.worker_set_at as picked_at,
        q.worker_id as worker_id,
        q.queue_item_id as queue_item_id,
        coalesce(o.actor_id, case when q.modified_at = q.worker_set_at then q.modified_by_id end) as set_by_id
    from staging.queueitem as q
    inner join staging.queue_item_coverage as v
        on q.queue_item_id = v.queue_item_id
    left join staging.owner_change as o
        on
            q.case_id = o.case_id
            and q.worker_set_at = o.changed_at
            and q.worker_id = o.new_owner_id
    where
        q.worker_set_at is not null
        and q.worker_type = 'systemuser'
        and not v.is_covered
        and (v.worker_changed_at is null or v.worker_changed_at < q.worker_set_at)
    qualify row_number() over (partition by q.queue_item_id order by o.change_no) = 1
)

select
    w.case_id as case_id,
    w.picked_at as picked_at,
    w.worker_id as worker_id,
    w.acted_through_id as acted_through_id,
    w.pick_kind as pick_kind,
    w.rule as rule,
    'audit' as source_table,
    w.source_row_id as source_row_id,
    'workerid' as source_column,
    w.queue_item_id as queue_item_id,
    'A' as confidence
from worked as w
union all
select
    r.case_id as case_id,
    r.picked_at as picked_at,
    r.worker_id as worker_id,
    r.acted_through_id as acted_through_id,
    'self' as pick_kind,
    'P3' as rule,
    'audit' as source_table,
    r.source_row_id as source_row_id,
    'objectid' as source_column,
    r.queue_item_id as queue_item_id,
    'B' as confidence
from removed as r
union all
select
    p.case_id as case_id,
    p.picked_at as picked_at,
    p.worker_id as worker_id,
    cast(null as uuid) as acted_through_id,
    case when p.set_by_id = p.worker_id then 'self' when p.set_by_id is not null then 'pushed' end as pick_kind,
    'P4' as rule,
    'queueitem' as source_table,
    p.queue_item_id as source_row_id,
    'workeridmodifiedon' as source_column,
    p.queue_item_id as queue_item_id,
    case when p.set_by_id is null then 'C' else 'B' end as confidence
from present as p
union all
select
    cast(w._regardingobjectid_value as uuid) as case_id,
    o.msdyn_agentacceptedon as picked_at,
    cast(o._ownerid_value as uuid) as worker_id,
    cast(null as uuid) as acted_through_id,
    'self' as pick_kind,
    'P5' as rule,
    'msdyn_ocsession' as source_table,
    cast(o.activityid as uuid) as source_row_id,
    'msdyn_agentacceptedon' as source_column,
    cast(null as uuid) as queue_item_id,
    'C' as confidence
from raw.msdyn_ocsession as o
cross join staging.rule_settings as s
inner join raw.msdyn_ocliveworkitem as w
    on o._msdyn_liveworkitemid_value = w.activityid
where
    s.emit_session_pick
    and w._regardingobjectid_type = 'incident'
    and o.msdyn_agentacceptedon is not null
    and o._ownerid_type = 'systemuser'
    and o._deleted_at is null
