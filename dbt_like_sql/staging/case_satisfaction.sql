-- What the customer answered about a case: the score of the last survey response that has one. One row per case.
--
-- Deleted responses are left out.
--
-- rule: CSAT (reference: event-log-semantics 2.18)
-- unique: case_id

with response as (
    select
        try_cast(r.activityid as uuid) as response_id,
        case
            when r._regardingobjectid_type = 'incident' then try_cast(r._regardingobjectid_value as uuid)
            else v.case_id
        end as case_id,
        r.createdon as responded_at,
        unnest(
            try_cast(
                try_cast(r.msfp_satisfactionmetricvalue as json)
                as struct("type" varchar, "value" varchar, decimalvalue varchar)[]
            )
        ) as metric
    from raw.msfp_surveyresponse as r
    left join staging.msfp_surveyinvite as v
        on try_cast(r._msfp_surveyinviteid_value as uuid) = v.invite_id
    where
        r._deleted_at is null
        or r._regardingobjectid_value in (select k.case_id from staging.kept_case as k)
),

score as (
    select
        r.response_id as response_id,
        r.case_id as case_id,
        r.responded_at as responded_at,
        coalesce(
            try_cast(r.metric.decimalvalue as decimal(18, 4)), try_cast(r.metric."value" as decimal(18, 4))
        ) as raw_score
    from response as r
    cross join staging.as_of as a
    where
        lower(r.metric."type") = 'csat'
        and r.responded_at <= a.as_of
),

ranked as (
    select
        s.case_id as case_id,
        s.responded_at as responded_at,
        s.raw_score as raw_score,
        row_number() over (
            partition by s.case_id order by s.responded_at desc, s.response_id desc, s.raw_score desc
        ) as from_last,
        first_value(s.raw_score) over (
            partition by s.case_id order by s.responded_at, s.response_id, s.raw_score
        ) as first_raw_score,
        count(*) over (partition by s.case_id) as responses
    from score as s
    where s.raw_score between 1 and 5
)

select
    r.case_id as case_id,
    cast(floor(r.raw_score + 0.5) as integer) as score,
    r.raw_score as raw_score,
    r.responded_at as responded_at,
    cast(floor(r.first_raw_score + 0.5) as integer) as first_score,
    r.responses as responses
from ranked as r
where r.from_last = 1
