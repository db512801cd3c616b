"""Rows of their own that made no event: e-mails, invitations, article links, contacts.

Each question is a SELECT of time, what, why, source table and source row for `$case`; `own` are the events of the case.
"""

EMAILS = """
    select
        m.sent_at,
        'outgoing e-mail',
        case
            when m.discarded_because = 'not_sent' then 'it was never sent'
            when m.discarded_because = 'survey' then 'it is a survey; the invitation or another e-mail tells it'
            when m.discarded_because = 'automatic' then
                'a machine sent it: a workflow, a system account or an acknowledgement template'
            when m.discarded_because = 'internal' then 'nobody outside the organisation received it'
            when m.discarded_because = 'before_creation' then 'it is older than the case and came with a merge'
            when m.discarded_because = 'after_resolution' then 'the case was over when it was sent'
            when m.discarded_because is not null then 'discarded: ' || m.discarded_because
            when m.rule = 'Q1' then
                'it belongs to the request for information that the change of status reason tells'
            when m.rule = 'Q2' then 'the audit of the status reason tells the requests of that time'
            when m.rule = 'SP1' then 'it belongs to the proposal that the change of status reason tells'
            when m.meaning = 'solution_proposed' then 'another proposal of the same episode stands for it'
            else
                'it is neither near a change of status reason nor the last e-mail before a resolution, so its meaning '
                || 'is unknown'
        end,
        'email',
        m.email_id
    from staging.email_meaning as m
    anti join own as e
        on e.SourceTable = 'email' and e.SourceRowId = m.email_id
    where m.case_id = $case
"""

INVITATIONS = """
    select
        v.created_at,
        'invitation to a survey',
        'its status (' || coalesce(v.status_code::varchar, 'none') || ') says that it has not gone out',
        'msfp_surveyinvite',
        v.invite_id
    from staging.msfp_surveyinvite as v
    left join seeds.survey_statuses as s
        on v.status_code = s.status_code
    where v.case_id = $case and not coalesce(s.is_sent, false)
"""

ARTICLES = """
    select
        l.linked_at,
        'link to a knowledge article: ' || coalesce(l.public_number, 'the article is gone'),
        case
            when u.is_system then 'a machine suggested it'
            else 'the same article was linked before, and the case was not reopened in between'
        end,
        l.source_table,
        l.link_id
    from staging.knowledge_link as l
    cross join staging.as_of as t
    left join staging.systemuser as u
        on l.linked_by_id = u.user_id
    anti join own as e
        on e.ActivityCode = 'agent_investigated_issue' and e.SourceRowId = l.link_id
    where l.case_id = $case and l.linked_at <= t.as_of
"""

CONTACTS = """
    select
        c.contacted_at,
        'contact by the customer',
        'no activity of the log tells it; it counts for first contact resolution and ends a wait for the customer',
        'activity',
        c.activity_id
    from staging.customer_contact as c
    where c.case_id = $case
"""

BEYOND_TIME = """
    select
        a.event_time,
        n.label,
        case
            when a.event_time > t.as_of then 'its moment lies after the one at which the data was read'
            else 'its moment lies before 2003'
        end,
        a.source_table,
        a.source_row_id
    from {table} as a
    cross join staging.as_of as t
    inner join staging.activity as n
        on a.activity_code = n.activity_code
    where
        a.case_id = $case
        and a.event_time not between timestamptz '2003-01-01 00:00:00+00' and t.as_of
"""
"""Events of an activity that were left out because of their time; `table` is to be filled in."""
