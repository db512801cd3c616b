"""Tables that only rules beyond the shipped ones read: each is read where a setting asks for it (table reference, 7).

Notes, posts and conversations are the bulk of what people write; none of their texts is read.
"""

from d365_pm.dataverse.registry.model import STATE, VERSION, Kind, Table, any_lookups, key, lookups, of, required

OPTIONAL = (
    Table(
        name="annotation",
        entity_set="annotations",
        key="annotationid",
        description="A note on a record; only when it was made and by whom is read.",
        window="modifiedon",
        columns=(
            *key("annotationid"),
            *any_lookups("objectid"),
            *lookups("createdby"),
            *of(Kind.FLAG, "isdocument"),
            *required(Kind.MOMENT, "createdon", "modifiedon"),
            *VERSION,
        ),
    ),
    Table(
        name="post",
        entity_set="posts",
        key="postid",
        description="An entry of a record's timeline; those that the platform writes are signs of life.",
        window="createdon",
        columns=(
            *key("postid"),
            *any_lookups("regardingobjectid"),
            *of(Kind.CHOICE, "source", "type"),
            *required(Kind.MOMENT, "createdon"),
        ),
    ),
    Table(
        name="msdyn_ocliveworkitem",
        entity_set="msdyn_ocliveworkitems",
        key="activityid",
        description="A conversation of Omnichannel, or a case that unified routing sends on its way.",
        window="modifiedon",
        columns=(
            *key("activityid"),
            *any_lookups("regardingobjectid"),
            *lookups("msdyn_issueid", "msdyn_activeagentid"),
            *of(Kind.CHOICE, "msdyn_channel"),
            *of(Kind.MOMENT, "msdyn_initiatedon", "msdyn_startedon", "msdyn_closedon"),
            *required(Kind.MOMENT, "createdon", "modifiedon"),
            *STATE,
            *VERSION,
        ),
    ),
    Table(
        name="msdyn_ocsession",
        entity_set="msdyn_ocsessions",
        key="activityid",
        description="An agent's part in a conversation of Omnichannel; its owner is the agent.",
        window="modifiedon",
        columns=(
            *key("activityid"),
            *any_lookups("ownerid"),
            *lookups("msdyn_liveworkitemid"),
            *of(Kind.MOMENT, "msdyn_agentassignedon", "msdyn_agentacceptedon", "msdyn_sessionclosedon"),
            *required(Kind.MOMENT, "createdon", "modifiedon"),
            *STATE,
            *VERSION,
        ),
    ),
    Table(
        name="teammembership",
        entity_set="teammemberships",
        key="teammembershipid",
        description="Who is in which team today; memberships have no history.",
        columns=(*key("teammembershipid"), *of(Kind.ID, "systemuserid", "teamid"), *VERSION),
    ),
    Table(
        name="survey_email",
        entity_set="emails",
        key="activityid",
        description="A sent e-mail of a case whose body has a link to a survey; the server looks, no body is read.",
        # Read whole: which e-mails these are changes with the links that the setting names.
        filter="directioncode eq true and statuscode eq 3 and regardingobjectid_incident_email/incidentid ne null",
        part_of="email",
        columns=(*key("activityid"), *VERSION),
    ),
)
