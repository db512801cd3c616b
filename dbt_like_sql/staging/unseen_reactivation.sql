-- Reactivations that no audit row shows, each with the best evidence of its moment. One row per reactivation.
--
-- First the undone resolution's own row (RE3), then a sign of life between two resolutions (RE4), then, only if
-- switched on, the second before the next resolution (RE5). A reactivation without a moment has no rule.
--
-- rule: RE3, RE4, RE5, RE6 (reference: event-log-semantics 3.8)
-- unique: resolution_id

with undone as (
    -- The row of an undone resolution was last touched by the reactivation, if that lies before the next resolution.
    select
        g.resolution_id as resolution_id,
        r.modified_at as modified_at,
        r.modified_by_id as modified_by_id
    from staging.resolution_gap as g
    inner join staging.incidentresolution as r
        on g.resolution_id = r.resolution_id
    where
        r.state_code = 2
        and r.modified_at > g.resolved_at
        and r.modified_at >= g.earliest_at
        and (g.latest_at is null or r.modified_at < g.latest_at)
),

ranked as (
    select
        g.case_id as case_id,
        g.resolution_id as resolution_id,
        g.resolved_at as resolved_at,
        g.next_resolution_id as next_resolution_id,
        g.next_source_table as next_source_table,
        g.next_resolved_at as next_resolved_at,
        g.earliest_at as earliest_at,
        g.latest_at as latest_at,
        i.state_code as state_code,
        u.modified_at as modified_at,
        u.modified_by_id as modified_by_id,
        f.seen_at as seen_at,
        f.source_table as source_table,
        f.source_row_id as source_row_id,
        f.source_column as source_column,
        case
            when u.resolution_id is not null then 'RE3'
            when f.resolution_id is not null then 'RE4'
            when s.emit_assumed_reactivation and g.next_resolved_at is not null then 'RE5'
        end as rule
    from staging.resolution_gap as g
    cross join staging.rule_settings as s
    inner join staging.incident as i
        on g.case_id = i.case_id
    left join undone as u
        on g.resolution_id = u.resolution_id
    left join staging.sign_of_life as f
        on g.resolution_id = f.resolution_id
)

select
    r.case_id as case_id,
    r.resolution_id as resolution_id,
    r.rule as rule,
    case r.rule
        when 'RE3' then r.modified_at
        when 'RE4' then r.seen_at
        when 'RE5' then greatest(r.earliest_at, r.latest_at - interval '1 second')
    end as reactivated_at,
    case r.rule when 'RE3' then r.modified_by_id end as actor_id,
    case r.rule when 'RE3' then 'incidentresolution' when 'RE4' then r.source_table else r.next_source_table end
        as source_table,
    case r.rule when 'RE3' then r.resolution_id when 'RE4' then r.source_row_id else r.next_resolution_id end
        as source_row_id,
    case r.rule when 'RE3' then 'modifiedon' when 'RE4' then r.source_column else 'createdon' end as source_column,
    case r.rule when 'RE5' then 'D' else 'C' end as confidence,
    r.earliest_at as time_lower,
    r.latest_at as time_upper
from ranked as r
where
    r.rule is not null
    or r.next_resolved_at is not null
    or r.state_code = 0
