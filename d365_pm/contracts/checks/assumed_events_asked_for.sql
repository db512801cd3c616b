-- Events of class D occur only where their rule has been switched on.
--
-- table: marts.events
-- section: 9, invariant 8
-- severity: error
-- keys: EventId, CaseGuid

select
    e.EventId as EventId,
    e.CaseGuid as CaseGuid,
    e.ActivityCode as ActivityCode,
    e.Rule as Rule,
    'assumed, and not switched on' as reason
from marts.events as e
cross join staging.rule_settings as s
where
    e.Confidence = 'D'
    and not coalesce(
        case e.Rule
            when 'A6' then s.emit_assumed_owner
            when 'S2' then s.emit_assumed_clock
            when 'Q3' then s.emit_assumed_request
            when 'RE5' then s.emit_assumed_reactivation
            when 'CL6' then s.synthesize_close = 'at_resolution'
            when 'CL7' then s.synthesize_close = 'after_days'
        end,
        false
    )
