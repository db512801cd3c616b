-- No attribute has lost or won more than a tenth of its rows since the log published last.
--
-- table: marts.event_log
-- section: K32
-- severity: warning
-- keys: attribute

with counted as (
    select
        count(*) as total,
        count(columns(*))
    from marts.event_log
),

today as (
    select
        u.attribute as attribute,
        u.filled as filled,
        u.total as total
    from counted
    unpivot (filled for attribute in (columns(* exclude (total)))) as u
)

select
    t.attribute as attribute,
    round(100 * b.filled / b.total, 1) as percent_before,
    round(100 * t.filled / t.total, 1) as percent_now,
    'share of filled rows moved by more than 10 points' as reason
from today as t
inner join last_attribute as b
    on t.attribute = b.attribute
where
    least(b.total, t.total) >= 500
    and abs(t.filled / t.total - b.filled / b.total) > 0.1
