-- The conversation in Omnichannel that a case began with, and its channel. One row per case that has one.
--
-- A case that unified routing itself sends on its way has a conversation as its shell; only conversations linked to a
-- case count. Needs the optional table msdyn_ocliveworkitem.
--
-- rule: channel detail (reference: event-log-semantics 2.6, 4.16)
-- unique: case_id

with conversation as (
    select
        try_cast(w._msdyn_issueid_value as uuid) as case_id,
        w.msdyn_channel as channel_code
    from raw.msdyn_ocliveworkitem as w
    where
        try_cast(w._msdyn_issueid_value as uuid) is not null
        and (w._deleted_at is null or w._msdyn_issueid_value in (select k.case_id from staging.kept_case as k))
    qualify
        row_number() over (
            partition by w._msdyn_issueid_value
            order by coalesce(w.msdyn_initiatedon, w.msdyn_startedon, w.createdon), w.activityid
        ) = 1
)

select
    c.case_id as case_id,
    c.channel_code as channel_code,
    case
        when c.channel_code is not null then coalesce(o.label, 'code:' || cast(c.channel_code as varchar))
    end as channel
from conversation as c
left join staging.option_label as o
    on
        o.table_name = 'msdyn_ocliveworkitem'
        and o.column_name = 'msdyn_channel'
        and c.channel_code = o.code
