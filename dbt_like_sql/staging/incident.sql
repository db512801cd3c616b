-- Cases in their present state. One row per case.
--
-- A deleted case leaves the log, with everything that joins this model.
--
-- rule: case, deleted cases (reference: event-log-semantics 2, 4.3, dataverse-tables 4)
-- unique: case_id

select
    cast(row_number() over (order by i.createdon, i.incidentid) as integer) as case_key,  -- Dense number for windows.
    i.incidentid as case_id,
    i.ticketnumber as ticket_number,
    i.title as title,
    i.createdon as created_at,
    i.overriddencreatedon as imported_at,
    i.importsequencenumber is not null or i.overriddencreatedon is not null as is_imported,
    i.modifiedon as modified_at,
    i.deactivatedon as deactivated_at,
    i._createdby_value as created_by_id,
    i._createdonbehalfby_value as created_through_id,
    i._createdbyexternalparty_value as created_by_external_id,
    i._modifiedby_value as modified_by_id,
    i.statecode as state_code,
    i.statuscode as status_code,
    i.caseorigincode as origin_code,
    i.casetypecode as case_type_code,
    i.prioritycode as priority_code,
    i.customersatisfactioncode as agent_satisfaction_code,
    coalesce(i.isescalated, false) as is_escalated,
    i.escalatedon as escalated_at,
    i.lastonholdtime as held_at,
    i._ownerid_value as owner_id,
    i._ownerid_type as owner_type,
    i._customerid_value as customer_id,
    i._customerid_type as customer_type,
    i._subjectid_value as subject_id,
    i._productid_value as product_id,
    i._slaid_value as sla_id,
    i._firstresponsebykpiid_value as first_response_kpi_id,
    i._resolvebykpiid_value as resolution_kpi_id,
    i.firstresponseslastatus as first_response_sla_status,
    i.resolvebyslastatus as resolution_sla_status,
    i._slainvokedid_value as invoked_sla_id,
    i.responseby as respond_by_at,
    i.resolveby as resolve_by_at,
    coalesce(trim(i.msdyn_casesurveyinviteurl) <> '', false) as has_survey_link,
    i._masterid_value as master_case_id,
    i._parentcaseid_value as parent_case_id
from raw.incident as i
where i._deleted_at is null
