-- Resolutions of cases, undone ones included. One row per resolution; of a deleted one only the audit speaks.
--
-- rule: resolution rows (reference: dataverse-tables 5.1)
-- unique: resolution_id

select
    r.activityid as resolution_id,
    r._incidentid_value as case_id,
    r.createdon as resolved_at,
    r.modifiedon as modified_at,
    r._createdby_value as resolved_by_id,
    r._modifiedby_value as modified_by_id,
    r.resolutiontypecode as resolution_type_code,
    r.subject as resolution_subject,
    r.timespent as billable_minutes,
    r.totaltimespent as total_minutes,
    r.statecode as state_code
from raw.incidentresolution as r
where
    r.statecode in (1, 2)
    and r._deleted_at is null
