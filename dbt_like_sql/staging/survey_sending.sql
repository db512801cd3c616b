-- Every survey that went out for a case, by invitation or by an e-mail with its link or from its template.
--
-- rule: V1, V2, V3 (reference: event-log-semantics 3.12)
-- unique: source_table, source_row_id

with invitation as (
    select
        v.invite_id as invite_id,
        v.case_id as case_id,
        v.created_at as created_at,
        v.created_by_id as created_by_id,
        v.is_regarding as is_regarding
    from staging.msfp_surveyinvite as v
    inner join seeds.survey_statuses as s
        on v.status_code = s.status_code
    where s.is_sent
),

mail as (
    select
        m.email_id as email_id,
        m.case_id as case_id,
        m.sent_at as sent_at,
        m.created_by_id as created_by_id
    from staging.email as m
    where
        m.is_outgoing
        and m.status_code = 3
        and m.known_meaning = 'survey'
),

announced as (
    select distinct
        m.email_id as email_id
    from mail as m
    cross join staging.rule_settings as s
    inner join invitation as v
        on
            m.case_id = v.case_id
            and abs(epoch_us(m.sent_at) - epoch_us(v.created_at)) <= s.survey_match_seconds * 1000000
)

select
    v.case_id as case_id,
    v.created_at as sent_at,
    v.created_by_id as sent_by_id,
    case when v.is_regarding then 'V1' else 'V2' end as rule,
    'msfp_surveyinvite' as source_table,
    v.invite_id as source_row_id,
    'createdon' as source_column,
    case when v.is_regarding then 'A' else 'C' end as confidence
from invitation as v
union all
select
    m.case_id as case_id,
    m.sent_at as sent_at,
    m.created_by_id as sent_by_id,
    'V3' as rule,
    'email' as source_table,
    m.email_id as source_row_id,
    'senton' as source_column,
    'C' as confidence
from mail as m
left join announced as a
    on m.email_id = a.email_id
where a.email_id is null
