-- Knowledge articles linked to cases, our own and those of external search providers. One row per link.
--
-- Deleted links are left out; the audit still tells of those that it saw. An article whose row is gone has no number.
-- Versions and translations of one article are one family.
--
-- rule: article links (reference: event-log-semantics 2.17, 3.7)
-- unique: source_table, link_id

select
    'knowledgearticleincident' as source_table,
    try_cast(l.knowledgearticleincidentid as uuid) as link_id,
    try_cast(l._incidentid_value as uuid) as case_id,
    l.createdon as linked_at,
    try_cast(l._createdby_value as uuid) as linked_by_id,
    try_cast(l._knowledgearticleid_value as uuid) as article_id,
    coalesce(cast(a.root_article_id as varchar), l._knowledgearticleid_value) as family,
    a.public_number as public_number,
    l.knowledgeusage as usage_code,
    coalesce(l.issenttocustomer, false) as is_sent_to_customer
from raw.knowledgearticleincident as l
left join staging.knowledgearticle as a
    on try_cast(l._knowledgearticleid_value as uuid) = a.article_id
where
    try_cast(l.knowledgearticleincidentid as uuid) is not null
    and (l._deleted_at is null or l._incidentid_value in (select k.case_id from staging.kept_case as k))
union all
select
    'msdyn_federatedarticleincident' as source_table,
    try_cast(f.msdyn_federatedarticleincidentid as uuid) as link_id,
    try_cast(f._msdyn_incidentid_value as uuid) as case_id,
    f.createdon as linked_at,
    try_cast(f._createdby_value as uuid) as linked_by_id,
    try_cast(f._msdyn_federatedarticleid_value as uuid) as article_id,
    coalesce(f._msdyn_federatedarticleid_value, f.msdyn_searchproviderarticleid) as family,
    f.msdyn_searchproviderarticleid as public_number,
    cast(null as integer) as usage_code,
    false as is_sent_to_customer
from raw.msdyn_federatedarticleincident as f
where
    try_cast(f.msdyn_federatedarticleincidentid as uuid) is not null
    and (f._deleted_at is null or f._msdyn_incidentid_value in (select k.case_id from staging.kept_case as k))
