-- Cases for which a survey must have gone out, but nothing tells when. One row per case.
--
-- Deleted responses are no evidence.
--
-- rule: V4 (reference: event-log-semantics 3.12)
-- unique: case_id

with evidence as (
    select
        i.case_id as case_id
    from staging.incident as i
    where i.has_survey_link
    union
    select
        try_cast(r._regardingobjectid_value as uuid) as case_id
    from raw.msfp_surveyresponse as r
    where
        r._regardingobjectid_type = 'incident'
        and r._msfp_surveyinviteid_value is null
        and r._deleted_at is null
)

select
    e.case_id as case_id
from evidence as e
left join (
    select distinct s.case_id as case_id
    from staging.survey_sending as s
) as s
    on e.case_id = s.case_id
where
    s.case_id is null
    and e.case_id is not null
