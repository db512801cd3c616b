-- Versions and translations of knowledge articles, with the family that they belong to. One row per version.
--
-- Deleted articles stay: old events and cases go on naming them.
--
-- rule: knowledge article (reference: event-log-semantics 2.17)
-- unique: article_id

select
    try_cast(a.knowledgearticleid as uuid) as article_id,
    a.articlepublicnumber as public_number,
    a.title as title,
    coalesce(try_cast(a._rootarticleid_value as uuid), try_cast(a.knowledgearticleid as uuid)) as root_article_id
from raw.knowledgearticle as a
