"""Tables of the platform itself: the organisation, its audit store and its option labels (table reference 8, 9)."""

from d365_pm.sandbox.schema.build import (
    VERSION,
    choice,
    columns,
    flags,
    key,
    lookup,
    memo,
    moments,
    of,
    text,
    whole,
)
from d365_pm.sandbox.schema.model import AttributeType, Column, Table

_ACTIONS = (
    (0, "Unknown", "Desconhecido"),
    (1, "Create", "Criar"),
    (2, "Update", "Atualizar"),
    (3, "Delete", "Excluir"),
    (4, "Activate", "Ativar"),
    (5, "Deactivate", "Desativar"),
    (11, "Cascade", "Propagar"),
    (12, "Merge", "Mesclar"),
    (13, "Assign", "Atribuir"),
    (14, "Share", "Compartilhar"),
    (16, "Close", "Fechar"),
    (17, "Cancel", "Cancelar"),
    (18, "Complete", "Concluir"),
    (20, "Resolve", "Resolver"),
    (21, "Reopen", "Reabrir"),
    (30, "Hold", "Reter"),
    (33, "Associate Entities", "Associar Entidades"),
    (34, "Disassociate Entities", "Desassociar Entidades"),
    (41, "Set State", "Definir Estado"),
    (52, "Add To Queue", "Adicionar à Fila"),
    (64, "User Access via Web", "Acesso de Usuário via Web"),
    (65, "User Access via Web Services", "Acesso de Usuário via Serviços Web"),
    (105, "Entity Audit Started", "Auditoria de Entidade Iniciada"),
    (106, "Attribute Audit Started", "Auditoria de Atributo Iniciada"),
    (107, "Audit Enabled", "Auditoria Habilitada"),
    (108, "Entity Audit Stopped", "Auditoria de Entidade Interrompida"),
    (109, "Attribute Audit Stopped", "Auditoria de Atributo Interrompida"),
    (110, "Audit Disabled", "Auditoria Desabilitada"),
    (111, "Audit Log Deletion", "Exclusão de Log de Auditoria"),
    (112, "User Access Audit Started", "Auditoria de Acesso de Usuário Iniciada"),
    (113, "User Access Audit Stopped", "Auditoria de Acesso de Usuário Interrompida"),
)

AUDIT = Table(
    name="audit",
    entity_set="audits",
    key="auditid",
    primary_name=None,
    object_type_code=4567,
    display_name="Audit",
    table_type="AuditStorage",
    columns=columns(
        key("auditid"),
        moments("createdon"),
        choice("action", *_ACTIONS),
        choice(
            "operation",
            (1, "Create", "Criar"),
            (2, "Update", "Atualizar"),
            (3, "Delete", "Excluir"),
            (4, "Access", "Acessar"),
        ),
        of(AttributeType.ENTITY_NAME, "objecttypecode"),
        lookup("objectid", "incident", "queueitem", "knowledgearticle", "systemuser", "team", "account", "contact"),
        lookup("userid", "systemuser", "externalparty"),
        lookup("callinguserid", "systemuser"),
        lookup("regardingobjectid", "incident"),
        memo("attributemask"),
        text("transactionid", "useradditionalinfo"),
        # Denied by the metadata, returned by many environments (Web API reference 7.3).
        Column("changedata", AttributeType.MEMO, is_readable=False),
    ),
)

ORGANIZATION = Table(
    name="organization",
    entity_set="organizations",
    key="organizationid",
    primary_name="name",
    object_type_code=1019,
    display_name="Organization",
    columns=columns(
        key("organizationid"),
        text("name", "friendlyname"),
        memo("auditsettings"),
        flags("isauditenabled", "isuseraccessauditenabled"),
        whole("auditretentionperiodv2", "expirechangetrackingindays", "expiresubscriptionsindays", "languagecode"),
        VERSION,
    ),
)

USER_SETTINGS = Table(
    name="usersettings",
    entity_set="usersettingscollection",
    key="systemuserid",
    primary_name=None,
    object_type_code=150,
    display_name="User Settings",
    columns=columns(key("systemuserid"), whole("uilanguageid", "localeid", "timezonecode"), VERSION),
)

STRING_MAP = Table(
    name="stringmap",
    entity_set="stringmaps",
    key="stringmapid",
    primary_name=None,
    object_type_code=1043,
    display_name="String Map",
    columns=columns(
        key("stringmapid"),
        of(AttributeType.ENTITY_NAME, "objecttypecode"),
        text("attributename", "value"),
        whole("attributevalue", "langid", "displayorder"),
        VERSION,
    ),
)

TABLES = (AUDIT, ORGANIZATION, USER_SETTINGS, STRING_MAP)
