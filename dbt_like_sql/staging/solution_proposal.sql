-- Solutions proposed to customers: by status, by e-mail, by an article sent. The last of each episode unless all count.
--
-- rule: SP1, SP2, SP3 (reference: event-log-semantics 3.13)
-- unique: rule, source_row_id

with candidate as (
    select
        c.case_id as case_id,
        c.changed_at as proposed_at,
        'SP1' as rule,
        c.actor_id as actor_id,
        c.external_actor_id as external_actor_id,
        c.acted_through_id as acted_through_id,
        'audit' as source_table,
        c.audit_id as source_row_id,
        'statuscode' as source_column,
        cast(null as uuid) as link_id
    from staging.solution_status_change as c
    union all
    select
        m.case_id as case_id,
        m.sent_at as proposed_at,
        m.rule as rule,
        m.created_by_id as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        'email' as source_table,
        m.email_id as source_row_id,
        'senton' as source_column,
        m.link_id as link_id
    from staging.email_meaning as m
    where m.rule in ('SP2', 'SP3')
    union all
    select
        l.case_id as case_id,
        l.linked_at as proposed_at,
        'SP3' as rule,
        l.linked_by_id as actor_id,
        cast(null as uuid) as external_actor_id,
        cast(null as uuid) as acted_through_id,
        l.source_table as source_table,
        l.link_id as source_row_id,
        'createdon' as source_column,
        l.link_id as link_id
    from staging.knowledge_link as l
    left join staging.article_email as m
        on l.link_id = m.link_id
    where
        l.is_sent_to_customer
        and m.email_id is null  -- Else the e-mail tells when it went out, or that it was part of a request.
)

select
    c.case_id as case_id,
    c.proposed_at as proposed_at,
    c.rule as rule,
    c.actor_id as actor_id,
    c.external_actor_id as external_actor_id,
    c.acted_through_id as acted_through_id,
    c.source_table as source_table,
    c.source_row_id as source_row_id,
    c.source_column as source_column,
    c.link_id as link_id
from candidate as c
cross join staging.rule_settings as s
inner join staging.case_episode as e
    on
        c.case_id = e.case_id
        and c.proposed_at >= e.opened_at
        -- What is sent after the resolution proposes nothing any more.
        and c.proposed_at <= coalesce(e.ended_at, c.proposed_at)
        and (e.next_opened_at is null or c.proposed_at < e.next_opened_at)
qualify
    s.all_proposals
    or row_number() over (
        partition by c.case_id, e.episode_no
        order by c.proposed_at desc, c.rule, c.source_row_id desc
    ) = 1
