"""Tables of the organisation and of its customers: users, teams, units, accounts, contacts (reference 7.1, 7.2)."""

from d365_pm.sandbox.schema.build import (
    ACTIVE,
    OWNER,
    RECORD,
    choice,
    columns,
    flags,
    key,
    lookup,
    memo,
    text,
    whole,
)
from d365_pm.sandbox.schema.model import AttributeType, Column, Table

SYSTEM_USER = Table(
    name="systemuser",
    entity_set="systemusers",
    key="systemuserid",
    primary_name="fullname",
    object_type_code=8,
    display_name="User",
    is_audited=True,
    columns=columns(
        key("systemuserid"),
        text("fullname", "firstname", "lastname", "domainname", "internalemailaddress", "jobtitle"),
        flags("isdisabled", "isintegrationuser", "setupuser"),
        choice(
            "accessmode",
            (0, "Read-Write", "Leitura-Gravação"),
            (1, "Administrative", "Administrativo"),
            (2, "Read", "Leitura"),
            (3, "Support User", "Usuário de Suporte"),
            (4, "Non-interactive", "Não interativo"),
            (5, "Delegated Admin", "Administrador Delegado"),
        ),
        Column("applicationid", AttributeType.UNIQUEIDENTIFIER),
        Column("azureactivedirectoryobjectid", AttributeType.UNIQUEIDENTIFIER),
        lookup("businessunitid", "businessunit"),
        lookup("queueid", "queue"),
        RECORD,
    ),
)

TEAM = Table(
    name="team",
    entity_set="teams",
    key="teamid",
    primary_name="name",
    object_type_code=9,
    display_name="Team",
    is_audited=True,
    columns=columns(
        key("teamid"),
        text("name"),
        memo("description"),
        choice(
            "teamtype",
            (0, "Owner", "Proprietário"),
            (1, "Access", "Acesso"),
            (2, "Security Group", "Grupo de Segurança"),
            (3, "Office Group", "Grupo do Office"),
        ),
        choice("membershiptype", (0, "Members and guests", "Membros e convidados"), (1, "Members", "Membros")),
        flags("isdefault"),
        lookup("businessunitid", "businessunit"),
        lookup("administratorid", "systemuser"),
        lookup("queueid", "queue"),
        RECORD,
    ),
)

BUSINESS_UNIT = Table(
    name="businessunit",
    entity_set="businessunits",
    key="businessunitid",
    primary_name="name",
    object_type_code=10,
    display_name="Business Unit",
    is_audited=True,
    columns=columns(
        key("businessunitid"),
        text("name", "divisionname"),
        flags("isdisabled"),
        lookup("parentbusinessunitid", "businessunit"),
        lookup("calendarid", "calendar"),
        RECORD,
    ),
)

EXTERNAL_PARTY = Table(
    name="externalparty",
    entity_set="externalparties",
    key="externalpartyid",
    primary_name="fullname",
    object_type_code=3008,
    display_name="External Party",
    columns=columns(key("externalpartyid"), text("fullname", "emailaddress"), ACTIVE, RECORD),
)

ACCOUNT = Table(
    name="account",
    entity_set="accounts",
    key="accountid",
    primary_name="name",
    object_type_code=1,
    display_name="Account",
    is_audited=True,
    columns=columns(
        key("accountid"),
        text("name", "accountnumber", "emailaddress1", "telephone1"),
        whole("importsequencenumber"),
        lookup("primarycontactid", "contact"),
        lookup("parentaccountid", "account"),
        OWNER,
        ACTIVE,
        RECORD,
    ),
)

CONTACT = Table(
    name="contact",
    entity_set="contacts",
    key="contactid",
    primary_name="fullname",
    object_type_code=2,
    display_name="Contact",
    is_audited=True,
    columns=columns(
        key("contactid"),
        text("fullname", "firstname", "lastname", "emailaddress1", "telephone1"),
        Column("parentcustomerid", AttributeType.CUSTOMER, targets=("account", "contact")),
        OWNER,
        ACTIVE,
        RECORD,
    ),
)

TABLES = (SYSTEM_USER, TEAM, BUSINESS_UNIT, EXTERNAL_PARTY, ACCOUNT, CONTACT)
