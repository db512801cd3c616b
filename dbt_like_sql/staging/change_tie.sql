-- Changes of one column of one record in one second, put into the order in which old and new values chain.
--
-- Audit times are whole seconds, so an automation that sets a column twice leaves rows without an order. Up to six
-- such rows are tried in every order; the longest chain from the value before wins. One row per tied change.
--
-- rule: ties (reference: event-log-semantics 4.7)
-- unique: audit_id, column_name

with recursive tie as (
    select
        c.record_id as record_id,
        c.column_name as column_name,
        c.changed_at as changed_at
    from staging.audit_change as c
    where c.operation <> 'delete'
    group by c.record_id, c.column_name, c.changed_at
    having count(*) between 2 and 6
),

tied as (
    select
        c.audit_id as audit_id,
        cast(c.audit_id as varchar) as step,
        c.record_id as record_id,
        c.column_name as column_name,
        c.changed_at as changed_at,
        coalesce(c.old_value, '') as old_value,
        coalesce(c.new_value, '') as new_value
    from staging.audit_change as c
    inner join tie as t
        on
            c.record_id = t.record_id
            and c.column_name = t.column_name
            and c.changed_at = t.changed_at
    where c.operation <> 'delete'
),

touched as (
    select distinct
        t.record_id as record_id,
        t.column_name as column_name
    from tie as t
),

step as (
    select
        c.record_id as record_id,
        c.column_name as column_name,
        c.changed_at as changed_at,
        unnest([coalesce(c.new_value, ''), coalesce(c.old_value, '')]) as value,
        unnest([1, -1]) as weight
    from staging.audit_change as c
    inner join touched as t
        on
            c.record_id = t.record_id
            and c.column_name = t.column_name
),

second_end as (
    -- A second ends with the value that was entered once more than it was left, in whatever order; a second that goes
    -- there and back changes nothing and is not here.
    select
        s.record_id as record_id,
        s.column_name as column_name,
        s.changed_at as changed_at,
        s.value as value
    from step as s
    group by s.record_id, s.column_name, s.changed_at, s.value
    having sum(s.weight) > 0
),

earlier as (
    select
        t.audit_id as audit_id,
        t.column_name as column_name,
        e.value as value_before
    from tied as t
    inner join second_end as e
        on
            t.record_id = e.record_id
            and t.column_name = e.column_name
            and t.changed_at > e.changed_at
    qualify row_number() over (partition by t.audit_id, t.column_name order by e.changed_at desc, e.value) = 1
),

path as (
    select
        t.record_id as record_id,
        t.column_name as column_name,
        t.changed_at as changed_at,
        t.step as route,
        t.new_value as value,
        1 as length,
        case when t.old_value = e.value_before then 1 else 0 end as is_anchored
    from tied as t
    left join earlier as e
        on
            t.audit_id = e.audit_id
            and t.column_name = e.column_name
    union all
    select
        p.record_id as record_id,
        p.column_name as column_name,
        p.changed_at as changed_at,
        p.route || '|' || t.step as route,
        t.new_value as value,
        p.length + 1 as length,
        p.is_anchored as is_anchored
    from path as p
    inner join tied as t
        on
            p.record_id = t.record_id
            and p.column_name = t.column_name
            and p.changed_at = t.changed_at
            and p.value = t.old_value
            and not contains(p.route, t.step)
),

best as (
    select
        p.record_id as record_id,
        p.column_name as column_name,
        p.changed_at as changed_at,
        p.route as route
    from path as p
    qualify
        row_number() over (
            partition by p.record_id, p.column_name, p.changed_at
            order by p.length desc, p.is_anchored desc, p.route
        ) = 1
)

select
    t.audit_id as audit_id,
    t.column_name as column_name,
    cast(
        row_number() over (
            partition by t.record_id, t.column_name, t.changed_at
            order by
                case when contains(b.route, t.step) then strpos(b.route, t.step) else 1000000 end,
                t.audit_id
        ) as integer
    ) as tie_position
from tied as t
inner join best as b
    on
        t.record_id = b.record_id
        and t.column_name = b.column_name
        and t.changed_at = b.changed_at
