"""Tables of what cases are about: categories, products and knowledge articles (table reference 7.2, 7.3)."""

from d365_pm.sandbox.schema.build import (
    ACTIVE,
    OWNED,
    OWNER,
    RECORD,
    VERSION,
    choice,
    columns,
    flags,
    key,
    lookup,
    memo,
    moments,
    state,
    status,
    text,
    whole,
)
from d365_pm.sandbox.schema.model import Table

SUBJECT = Table(
    name="subject",
    entity_set="subjects",
    key="subjectid",
    primary_name="title",
    object_type_code=129,
    display_name="Subject",
    columns=columns(
        key("subjectid"),
        text("title"),
        memo("description"),
        whole("featuremask"),
        lookup("parentsubject", "subject"),
        RECORD,
    ),
)

PRODUCT = Table(
    name="product",
    entity_set="products",
    key="productid",
    primary_name="name",
    object_type_code=1024,
    display_name="Product",
    is_audited=True,
    columns=columns(
        key("productid"),
        text("name", "productnumber", "hierarchypath"),
        choice(
            "productstructure",
            (1, "Product", "Produto"),
            (2, "Product Family", "Família de Produtos"),
            (3, "Product Bundle", "Pacote de Produtos"),
        ),
        lookup("parentproductid", "product"),
        state((0, "Active", "Ativo"), (1, "Retired", "Desativado"), (2, "Draft", "Rascunho")),
        status((1, "Active", "Ativo", 0), (2, "Retired", "Desativado", 1), (0, "Draft", "Rascunho", 2)),
        RECORD,
    ),
)

ENTITLEMENT = Table(
    name="entitlement",
    entity_set="entitlements",
    key="entitlementid",
    primary_name="name",
    object_type_code=9700,
    display_name="Entitlement",
    columns=columns(key("entitlementid"), text("name"), OWNER, RECORD),
)

KNOWLEDGE_ARTICLE = Table(
    name="knowledgearticle",
    entity_set="knowledgearticles",
    key="knowledgearticleid",
    primary_name="title",
    object_type_code=9953,
    display_name="Knowledge Article",
    is_audited=True,
    columns=columns(
        key("knowledgearticleid"),
        text("articlepublicnumber", "title"),
        memo("description", "content"),
        whole("majorversionnumber", "minorversionnumber"),
        flags("isrootarticle", "islatestversion", "isprimary", "isinternal"),
        lookup("rootarticleid", "knowledgearticle", navigation="RootArticleId"),
        lookup("previousarticlecontentid", "knowledgearticle", navigation="PreviousArticleContentId"),
        lookup("subjectid", "subject"),
        moments("publishon", "expirationdate"),
        OWNED,
        state(
            (0, "Draft", "Rascunho"),
            (1, "Approved", "Aprovado"),
            (2, "Scheduled", "Agendado"),
            (3, "Published", "Publicado"),
            (4, "Expired", "Expirado"),
            (5, "Archived", "Arquivado"),
            (6, "Discarded", "Descartado"),
        ),
        status(
            (1, "Proposed", "Proposto", 0),
            (2, "Draft", "Rascunho", 0),
            (3, "Needs review", "Precisa de revisão", 0),
            (4, "In review", "Em revisão", 0),
            (5, "Approved", "Aprovado", 1),
            (6, "Scheduled", "Agendado", 2),
            (7, "Published", "Publicado", 3),
            (8, "Needs review", "Precisa de revisão", 3),
            (9, "Updating", "Atualizando", 3),
            (10, "Expired", "Expirado", 4),
            (11, "Rejected", "Rejeitado", 4),
            (12, "Archived", "Arquivado", 5),
            (13, "Discarded", "Descartado", 6),
            (14, "Rejected", "Rejeitado", 6),
        ),
        RECORD,
    ),
)

KNOWLEDGE_LINK = Table(
    name="knowledgearticleincident",
    entity_set="knowledgearticleincidents",
    key="knowledgearticleincidentid",
    primary_name=None,
    object_type_code=9954,
    display_name="Knowledge Article Incident",
    columns=columns(
        key("knowledgearticleincidentid"),
        lookup("incidentid", "incident"),
        lookup("knowledgearticleid", "knowledgearticle"),
        flags("issenttocustomer"),
        choice(
            "knowledgeusage",
            (1, "Reference", "Referência"),
            (2, "Solution", "Solução"),
            (3, "Source", "Origem"),
        ),
        OWNER,
        ACTIVE,
        RECORD,
    ),
)

FEDERATED_ARTICLE = Table(
    name="msdyn_federatedarticle",
    entity_set="msdyn_federatedarticles",
    key="msdyn_federatedarticleid",
    primary_name="msdyn_title",
    object_type_code=10131,
    display_name="Federated Article",
    columns=columns(key("msdyn_federatedarticleid"), text("msdyn_title"), ACTIVE, RECORD),
)

FEDERATED_LINK = Table(
    name="msdyn_federatedarticleincident",
    entity_set="msdyn_federatedarticleincidents",
    key="msdyn_federatedarticleincidentid",
    primary_name="msdyn_name",
    object_type_code=10132,
    display_name="Federated Article Incident",
    columns=columns(
        key("msdyn_federatedarticleincidentid"),
        text("msdyn_name", "msdyn_searchproviderarticleid"),
        lookup("msdyn_incidentid", "incident", navigation="msdyn_IncidentId"),
        lookup("msdyn_federatedarticleid", "msdyn_federatedarticle", navigation="msdyn_FederatedArticleId"),
        ACTIVE,
        RECORD,
    ),
)

KNOWLEDGE_BASE_LINK = Table(
    name="incidentknowledgebaserecord",
    entity_set="incidentknowledgebaserecords",
    key="incidentknowledgebaserecordid",
    primary_name=None,
    object_type_code=9931,
    display_name="Incident KnowledgeBaseRecord",
    # An intersect table: no creation time, no author (table reference, trap 2).
    columns=columns(
        key("incidentknowledgebaserecordid"),
        moments("overriddencreatedon", has_day_format=True),
        whole("importsequencenumber"),
        VERSION,
    ),
)

TABLES = (
    SUBJECT,
    PRODUCT,
    ENTITLEMENT,
    KNOWLEDGE_ARTICLE,
    KNOWLEDGE_LINK,
    FEDERATED_ARTICLE,
    FEDERATED_LINK,
    KNOWLEDGE_BASE_LINK,
)
