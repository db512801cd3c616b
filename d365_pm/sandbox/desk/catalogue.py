"""What cases are about: the tree of categories, the products, the knowledge articles and the service levels.

Belongs here: the fixed catalogue of the desk. Does not belong here: the tables written from it.
"""

from dataclasses import dataclass

import numpy as np

from d365_pm.sandbox.desk.codes import OwnStatus, State
from d365_pm.sandbox.desk.numbers import NONE, IntArray


@dataclass(frozen=True, slots=True)
class Topic:
    """A category of cases: its title, its branch of the tree, the first-level team for it, what customers write."""

    title: str
    branch: str
    team: int
    complaints: tuple[str, ...]


ROOT = "Atendimento"
TOPICS = (
    Topic("Instalação", "Suporte Técnico", 0, ("Instalação não conclui", "Erro ao instalar a atualização")),
    Topic("Erro de Acesso", "Suporte Técnico", 0, ("Não consigo entrar no sistema", "Senha expirada sem aviso")),
    Topic("Lentidão", "Suporte Técnico", 0, ("Sistema muito lento", "Relatório demora a abrir")),
    Topic("Integração", "Suporte Técnico", 0, ("Integração parou de enviar pedidos", "Erro na importação de dados")),
    Topic("Dúvida de Uso", "Suporte Técnico", 0, ("Como configurar o relatório?", "Dúvida sobre a tela inicial")),
    Topic("Consulta de Faturamento", "Faturamento", 1, ("Segunda via do boleto", "Vencimento da fatura")),
    Topic("Cobrança Indevida", "Faturamento", 1, ("Cobrança em duplicidade", "Valor da fatura diferente do contrato")),
    Topic("Nota Fiscal", "Faturamento", 1, ("Nota fiscal não recebida", "Correção de nota fiscal")),
    Topic("Estorno", "Faturamento", 1, ("Estorno ainda não creditado", "Pedido de reembolso")),
    Topic("Alteração Cadastral", "Gestão de Contas", 2, ("Mudança de endereço", "Troca do responsável pela conta")),
    Topic("Cancelamento de Contrato", "Gestão de Contas", 2, ("Quero cancelar o contrato", "Multa de cancelamento")),
    Topic("Renovação", "Gestão de Contas", 2, ("Proposta de renovação", "Desconto na renovação")),
    Topic("Reclamação", "Feedback do Produto", 0, ("Impressora com defeito de novo", "Produto chegou danificado")),
    Topic("Sugestão", "Feedback do Produto", 0, ("Sugestão de melhoria no painel", "Novo recurso no aplicativo")),
)
BRANCHES = tuple(dict.fromkeys(topic.branch for topic in TOPICS))
SUBJECT_TITLES = (*(topic.title for topic in TOPICS), *BRANCHES, ROOT)
"""Titles of the category tree: topics first, so that a topic is its own subject, then branches, then the root."""

TOPIC_TEAM = np.array([topic.team for topic in TOPICS])

FAMILIES = ("Impressoras", "Software", "Planos")
PRODUCTS = (
    ("Impressora Alpha-100", 0), ("Impressora Alpha-300", 0), ("Multifuncional Beta-20", 0), ("Software Zeta CRM", 1),
    ("Software Zeta Fiscal", 1), ("Software Zeta Folha", 1), ("Aplicativo Zeta Loja", 1), ("Plano de Dados Omega", 2),
    ("Plano Omega Empresas", 2), ("Plano Omega Família", 2),
)  # fmt: skip
"""Products and the family of each."""


@dataclass(frozen=True, slots=True)
class StatusReason:
    """A status reason of the organisation: its code, the state it belongs to, what it means, its labels."""

    code: OwnStatus
    state: State
    role: str
    portuguese: str
    english: str


OWN_STATUSES = (
    StatusReason(
        OwnStatus.AWAITING_CUSTOMER, State.ACTIVE, "waiting_customer", "Aguardando Cliente", "Awaiting Customer"
    ),
    StatusReason(OwnStatus.AWAITING_SUPPLIER, State.ACTIVE, "on_hold", "Aguardando Fornecedor", "Awaiting Supplier"),
    StatusReason(
        OwnStatus.SOLUTION_PROPOSED, State.ACTIVE, "solution_proposed", "Solução Proposta", "Solution Proposed"
    ),
    StatusReason(OwnStatus.CLOSED, State.RESOLVED, "closed", "Encerrado", "Closed"),
    StatusReason(OwnStatus.OUT_OF_SCOPE, State.CANCELLED, "cancelled", "Fora do Escopo", "Out of Scope"),
)
"""Status reasons of desks that have their own; roles are those of event-log reference 4.12."""

ROOTS = 40
"""Knowledge articles; people link the first `HUMAN_ROOTS`, the suggestion service the rest."""
HUMAN_ROOTS = 32
FIRST_PUBLIC_NUMBER = 1301

KPI_NAMES = ("Primeira Resposta", "Resolução")
FIRST_RESPONSE, RESOLUTION = 0, 1
SLA_NAMES = ("SLA Padrão de Atendimento", "SLA de Contratos Antigos")
STANDARD_SLA, OLD_SLA = 0, 1
FAILURE_MINUTES = np.array([[[60, 240], [240, 1440], [600, 4320]], [[60, 480], [300, 1440], [600, 2880]]])
"""Business minutes until failure, by SLA, priority (high, normal, low) and KPI."""


@dataclass(frozen=True, slots=True)
class Articles:
    """Versions of knowledge articles.

    Attributes:
        root: For each version the family it belongs to; the first `ROOTS` versions are the root rows themselves.
        number: For each version its number within the family, the root row being 0.
    """

    root: IntArray
    number: IntArray

    def version(self, root: IntArray, random: np.random.Generator) -> IntArray:
        """Some version of each family, never its root row."""
        versions = np.bincount(self.root) - 1
        first = ROOTS + np.cumsum(versions) - versions
        return first[root] + (random.random(len(root)) * versions[root]).astype(np.int64)


def publish(random: np.random.Generator) -> Articles:
    """Root rows, and one to three versions of each family."""
    versions = random.integers(1, 4, size=ROOTS)
    roots = np.repeat(np.arange(ROOTS), versions)
    number = np.arange(len(roots)) - np.repeat(np.cumsum(versions) - versions, versions) + 1
    return Articles(np.concatenate([np.arange(ROOTS), roots]), np.concatenate([np.zeros(ROOTS, np.int64), number]))


def sla_item(sla: IntArray, priority: IntArray, kpi: int) -> IntArray:
    """Position of the target that applies to a priority code (1 high, 2 normal, 3 low)."""
    return np.where(sla == NONE, NONE, (sla * 3 + priority - 1) * 2 + kpi)


def failure_seconds(item: IntArray) -> IntArray:
    """Business seconds that a target allows."""
    return FAILURE_MINUTES.reshape(-1)[item] * 60
