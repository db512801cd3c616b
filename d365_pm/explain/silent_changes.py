"""Changes that made no event: escalations, categories, clocks, workers, owners, status reasons.

Each question is a SELECT of time, what, why, source table and source row for `$case`; `own` are the events of the case.
"""

ESCALATIONS = """
    select
        k.escalated_at,
        'sign of escalation (' || k.rule || ', ' || k.source_column || ')',
        'it lies within ' || (s.escalation_fold_seconds // 60) || ' minutes of the escalation of '
        || strftime(max(e.EventTime), '%Y-%m-%d %H:%M:%S') || ' and belongs to it',
        k.source_table,
        k.source_row_id
    from staging.escalation_sign as k
    cross join staging.rule_settings as s
    inner join own as e
        on e.ActivityCode = 'case_escalated' and e.EventTime <= k.escalated_at
    anti join own as o
        on
            o.ActivityCode = 'case_escalated'
            and o.SourceTable = k.source_table
            and o.SourceRowId = k.source_row_id
            and o.Rule = k.rule
    where k.case_id = $case
    group by k.escalated_at, k.rule, k.source_column, k.source_table, k.source_row_id, s.escalation_fold_seconds
"""

CATEGORIES = """
    select
        c.changed_at,
        'category: ' || c.column_name || ', ' || coalesce(o.title, c.old_value, 'none') || ' → '
        || coalesce(n.title, c.new_value, 'none'),
        case
            when c.old_value is null then 'a first classification is no change of category'
            else 'the same user set it back within ' || s.category_flip_flop_seconds || ' seconds: a typing error'
        end,
        'audit',
        c.audit_id
    from staging.attribute_change as c
    inner join seeds.categorization_columns as k
        on c.column_name = k.column_name
    cross join staging.rule_settings as s
    left join staging.subject as o
        on c.old_value = o.subject_id::varchar
    left join staging.subject as n
        on c.new_value = n.subject_id::varchar
    anti join own as e
        on e.ActivityCode = 'case_categorization_changed' and e.SourceRowId = c.audit_id
    where c.case_id = $case
"""

CLOCKS = """
    select
        k.created_at,
        'clock of ' || k.sla_kpi,
        'it continues a clock of the same KPI after a pause or a change, so nothing was started',
        'slakpiinstance',
        k.kpi_instance_id
    from staging.slakpiinstance as k
    where k.case_id = $case and not k.is_chain_root
"""

PICKS = """
    select
        p.picked_at,
        'worker of a queue item: ' || coalesce(u.full_name, p.worker_id::varchar),
        'somebody else set the worker, which is an assignment and no pick (switch emit_pushed_pick)',
        p.source_table,
        p.source_row_id
    from staging.queue_pick as p
    left join staging.systemuser as u
        on p.worker_id = u.user_id
    anti join own as e
        on e.ActivityCode = 'queue_item_picked_by_agent' and e.SourceRowId = p.source_row_id
    where p.case_id = $case and p.pick_kind = 'pushed'
"""

OWNERS = """
    select
        c.changed_at,
        'change of owner',
        'the pick from the queue in the same second tells it (switch fold_pick_and_assign)',
        'audit',
        c.audit_id
    from staging.owner_change as c
    cross join staging.rule_settings as s
    anti join own as e
        on e.ActivityCode = 'case_assigned' and e.SourceRowId = c.audit_id
    where c.case_id = $case and s.fold_pick_and_assign
    union all
    select
        q.entered_at,
        'entry into a queue',
        'the switch emit_queue_assignment is off',
        q.source_table,
        q.source_row_id
    from staging.queue_entry as q
    cross join staging.rule_settings as s
    where q.case_id = $case and not s.emit_queue_assignment
"""

STATUSES = """
    select
        c.changed_at,
        'status reason: ' || coalesce(o.label, c.old_status::varchar, 'none') || ' → '
        || coalesce(n.label, c.new_status::varchar, 'none'),
        case
            when c.new_state = 1 and c.old_state is distinct from 1 then 'the row of case resolution tells the same'
            when c.new_role is null then 'no role tells what the status reason means (seed status_roles)'
            when c.new_role = 'solution_proposed' then 'another proposal of the same episode stands for it'
            else 'the activities of the log do not tell a move to ' || replace(c.new_role, '_', ' ')
        end,
        'audit',
        c.audit_id
    from staging.state_change as c
    left join staging.option_label as o
        on o.table_name = 'incident' and o.column_name = 'statuscode' and o.code = c.old_status
    left join staging.option_label as n
        on n.table_name = 'incident' and n.column_name = 'statuscode' and n.code = c.new_status
    anti join own as e
        on
            e.SourceTable = 'audit'
            and e.SourceRowId = c.audit_id
            and e.ActivityCode in (
                'case_resolved', 'case_closed', 'case_reactivated', 'information_requested_from_customer',
                'solution_proposed_to_customer', 'agent_investigated_issue'
            )
    where c.case_id = $case
"""
