-- Cases in their present state. One row per case.
--
-- A deleted case leaves the log, with everything that joins this model, unless the switch keep_deleted is on.
--
-- rule: case, deleted cases (reference: event-log-semantics 2, 4.3, dataverse-tables 4)
-- unique: case_id

with numbered as (
    -- One thread alone numbers the rows of a table; only what orders them passes through it.
    select
        i.incidentid as case_id,
        cast(row_number() over (order by i.createdon, i.incidentid) as integer) as case_key
    from raw.incident as i
    cross join staging.rule_settings as s
    where
        try_cast(i.incidentid as uuid) is not null  -- Others are in staging.unusable_row.
        and (i._deleted_at is null or s.keep_deleted)
)

select
    n.case_key as case_key,                         -- Dense number for windows.
    try_cast(i.incidentid as uuid) as case_id,
    i.ticketnumber as ticket_number,
    i.title as title,
    i.createdon as created_at,
    i.importsequencenumber is not null or i.overriddencreatedon is not null as is_imported,
    i.modifiedon as modified_at,
    i.deactivatedon as deactivated_at,
    try_cast(i._createdby_value as uuid) as created_by_id,
    try_cast(i._createdonbehalfby_value as uuid) as created_through_id,
    try_cast(i._createdbyexternalparty_value as uuid) as created_by_external_id,
    try_cast(i._modifiedby_value as uuid) as modified_by_id,
    i.statecode as state_code,
    i.statuscode as status_code,
    i.caseorigincode as origin_code,
    i.casetypecode as case_type_code,
    i._request_type as own_request_type,  -- Value of the column that choices.csv names, if it is no standard one.
    i.prioritycode as priority_code,
    i.customersatisfactioncode as agent_satisfaction_code,
    coalesce(i.isescalated, false) as is_escalated,
    i.escalatedon as escalated_at,
    i.lastonholdtime as held_at,
    try_cast(i._ownerid_value as uuid) as owner_id,
    i._ownerid_type as owner_type,
    try_cast(i._customerid_value as uuid) as customer_id,
    i._customerid_type as customer_type,
    try_cast(i._subjectid_value as uuid) as subject_id,
    try_cast(i._productid_value as uuid) as product_id,
    try_cast(i._firstresponsebykpiid_value as uuid) as first_response_kpi_id,
    try_cast(i._resolvebykpiid_value as uuid) as resolution_kpi_id,
    i.firstresponseslastatus as first_response_sla_status,
    i.resolvebyslastatus as resolution_sla_status,
    try_cast(i._slainvokedid_value as uuid) as invoked_sla_id,
    i.responseby as respond_by_at,
    i.resolveby as resolve_by_at,
    coalesce(trim(i.msdyn_casesurveyinviteurl) <> '', false) as has_survey_link,
    try_cast(i._masterid_value as uuid) as master_case_id,
    try_cast(i._parentcaseid_value as uuid) as parent_case_id,
    i._deleted_at as deleted_at
from raw.incident as i
inner join numbered as n
    on i.incidentid = n.case_id
