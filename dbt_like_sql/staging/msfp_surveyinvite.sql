-- Invitations to a Customer Voice survey about a case. One row per invitation.
--
-- unique: invite_id

select
    v.activityid as invite_id,
    v._regardingobjectid_value as case_id,
    v.createdon as created_at,
    v._createdby_value as created_by_id,
    v.msfp_invitestatus as status_code
from raw.msfp_surveyinvite as v
where v._regardingobjectid_type = 'incident'
