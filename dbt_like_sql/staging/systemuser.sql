-- Users, and who of them is a machine. One row per user.
--
-- Flows that run under a person's connection look human; such an account belongs into the seed system_users.
--
-- Deleted users stay: old events and cases go on naming them.
--
-- rule: system actors (reference: event-log-semantics 2.9)
-- unique: user_id

select
    try_cast(u.systemuserid as uuid) as user_id,
    u.fullname as full_name,
    try_cast(u._queueid_value as uuid) as personal_queue_id,
    try_cast(u._businessunitid_value as uuid) as business_unit_id,
    u.applicationid is not null
    or coalesce(u.accessmode in (3, 4), false)          -- Support users and non-interactive users.
    or coalesce(u.isintegrationuser, false)
    or coalesce(upper(u.fullname) in ('SYSTEM', 'INTEGRATION'), false)
    or x.user_id is not null as is_system
from raw.systemuser as u
left join seeds.system_users as x
    on u.systemuserid = lower(x.user_id)
