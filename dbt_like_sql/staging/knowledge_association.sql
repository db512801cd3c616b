-- Articles of an external knowledge base linked to a case the old way, as only the audit dates it. One row per link.
--
-- The link itself is a bare pair of ids. How an audit row writes an association is not documented, so the article is
-- the id beside the case's own in a row that speaks of such articles.
--
-- rule: I3 (reference: event-log-semantics 3.7, dataverse-tables 8.1)
-- unique: audit_id

with association as (
    select
        try_cast(a.auditid as uuid) as audit_id,
        try_cast(a._objectid_value as uuid) as case_id,
        a.createdon as linked_at,
        try_cast(a._userid_value as uuid) as actor_id,
        a._userid_type as actor_type,
        try_cast(a._callinguserid_value as uuid) as acted_through_id,
        replace(lower(a.changedata), a._objectid_value, '') as text
    from raw.audit as a
    where
        a.action = 33
        and a.objecttypecode = 'incident'
        and contains(lower(a.changedata), 'knowledgebaserecord')
)

select
    s.audit_id as audit_id,
    s.case_id as case_id,
    s.linked_at as linked_at,
    case when s.actor_type is distinct from 'externalparty' then s.actor_id end as actor_id,
    s.acted_through_id as acted_through_id,
    try_cast(regexp_extract(s.text, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 0) as uuid) as article_id
from association as s
where
    s.audit_id is not null
    and s.case_id is not null
