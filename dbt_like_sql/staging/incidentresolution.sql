-- Resolutions of cases, undone ones included. One row per resolution; of a deleted one only the audit speaks.
--
-- rule: resolution rows (reference: dataverse-tables 5.1)
-- unique: resolution_id

select
    try_cast(r.activityid as uuid) as resolution_id,
    try_cast(r._incidentid_value as uuid) as case_id,
    r.createdon as resolved_at,
    r.modifiedon as modified_at,
    try_cast(r._createdby_value as uuid) as resolved_by_id,
    try_cast(r._modifiedby_value as uuid) as modified_by_id,
    r.resolutiontypecode as resolution_type_code,
    r.subject as resolution_subject,
    r.timespent as billable_minutes,
    r.statecode as state_code
from raw.incidentresolution as r
where
    r.statecode in (1, 2)
    and try_cast(r.activityid as uuid) is not null
    and (r._deleted_at is null or r._incidentid_value in (select k.case_id from staging.kept_case as k))
