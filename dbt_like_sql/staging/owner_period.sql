-- Which owner and which team a case had from each change on. One row per case and value of the owner.
--
-- rule: owner team (reference: event-log-semantics 1.3, 2.15)
-- unique: case_key, owner_no

with period as (
    select
        t.case_key as case_key,
        t.value_no as owner_no,
        try_cast(t.value as uuid) as owner_id,
        t.value_type as owner_type,
        try_cast(t.previous_value as uuid) as previous_id,
        t.previous_type as previous_type
    from staging.case_timeline as t
    where t.column_name = 'ownerid'
),

source as (
    select
        bool_or(s.source = 'owner') as owner,
        bool_or(s.source = 'last_team') as last_team,
        bool_or(s.source = 'user_map') as user_map,
        coalesce(bool_or(s.source = 'membership'), false) as membership,
        coalesce(bool_or(s.source = 'business_unit'), false) as business_unit
    from seeds.owner_team_sources as s
),

only_team as (
    -- The person's team today, if there is only one; nobody knows who was in which when.
    select
        cast(m.systemuserid as uuid) as user_id,
        min(t.team_id) as team_id
    from source as s
    inner join staging.team as t
        on
            s.membership
            and t.is_owner_team
            and not t.is_default
    inner join raw.teammembership as m
        on t.team_id = cast(m.teamid as uuid)
    where m._deleted_at is null
    group by m.systemuserid
    having count(distinct t.team_id) = 1
),

default_team as (
    -- The team of everybody in the person's business unit, today.
    select
        u.user_id as user_id,
        min(t.team_id) as team_id
    from source as s
    inner join staging.team as t
        on
            s.business_unit
            and t.is_default
    inner join staging.systemuser as u
        on t.business_unit_id = u.business_unit_id
    group by u.user_id
),

resolved as (
    select
        p.case_key as case_key,
        p.owner_no as owner_no,
        p.owner_id as owner_id,
        p.owner_type as owner_type,
        case when s.owner and p.owner_type = 'team' then p.owner_id end as owning_team_id,
        -- The team that owned the case immediately before the person who owns it now.
        case when s.last_team and p.owner_type = 'systemuser' and p.previous_type = 'team' then p.previous_id end
            as last_team_id,
        case when s.user_map and p.owner_type = 'systemuser' then cast(m.team_id as uuid) end as mapped_team_id,
        case when p.owner_type = 'systemuser' then y.team_id end as member_team_id,
        case when p.owner_type = 'systemuser' then d.team_id end as unit_team_id
    from period as p
    cross join source as s
    left join seeds.user_team_map as m
        on p.owner_id = cast(m.user_id as uuid)
    left join only_team as y
        on p.owner_id = y.user_id
    left join default_team as d
        on p.owner_id = d.user_id
)

select
    r.case_key as case_key,
    r.owner_no as owner_no,
    r.owner_id as owner_id,
    r.owner_type as owner_type,
    coalesce(r.owning_team_id, r.last_team_id, r.mapped_team_id, r.member_team_id, r.unit_team_id) as team_id,
    case
        when r.owning_team_id is not null then 'owner'
        when r.last_team_id is not null then 'last_team'
        when r.mapped_team_id is not null then 'user_map'
        when r.member_team_id is not null then 'membership'
        when r.unit_team_id is not null then 'business_unit'
    end as team_source
from resolved as r
