"""Words of names and labels, in Portuguese and English, and what they speak for.

Belongs here: words and how they are looked for. Does not belong here: which seed a meaning goes to.
"""

import re
import unicodedata
from collections.abc import Iterable

_LEVEL = re.compile(
    r"\b(?:n|l|nivel|level|tier|line|linha)[ ._-]*([2-9])\b|\b([2-9])(?:nd|rd|a|o|st)? (?:nivel|level|line|linha)\b"
)
_BY_MEANING: tuple[tuple[str, tuple[str, ...]], ...] = (
    # The first meaning with a word in the label wins, so a denied or a narrower one stands before the wider.
    ("merged", ("mesclad", "merge", "unificad", "duplicad", "duplicate")),
    ("cancelled", ("cancel", "descartad", "discarded", "improcedente", "spam")),
    ("in_progress", ("reabert", "reopen", "nao resolvid", "unresolved", "not resolved")),
    (
        "solution_proposed",
        ("solucao proposta", "proposta", "proposed", "confirmacao do cliente", "customer confirmation"),
    ),
    (
        "waiting_customer",
        (
            *(
                "aguardando cliente",
                "aguardando o cliente",
                "aguardando resposta",
                "aguardando detalhe",
                "com o cliente",
            ),
            *(
                "aguardando retorno",
                "aguardando informac",
                "pendente cliente",
                "pendente do cliente",
                "retorno do cliente",
            ),
            *(
                "waiting for customer",
                "waiting on customer",
                "waiting for detail",
                "awaiting customer",
                "with customer",
            ),
            *("pending customer", "awaiting reply", "waiting for reply", "awaiting information", "customer reply"),
        ),
    ),
    ("closed", ("encerrad", "fechad", "closed", "arquivad", "archived")),
    ("resolved", ("resolvid", "solucionad", "resolved", "solved", "concluid", "completed", "fornecida", "provided")),
    ("researching", ("pesquisa", "investiga", "analise", "analisando", "research", "analysis", "diagnos")),
    (
        "on_hold",
        (
            *("espera", "suspens", "pausad", "hold", "paused", "suspended", "fornecedor", "supplier", "vendor"),
            *(
                "terceiro",
                "third party",
                "aguardando",
                "waiting",
                "awaiting",
                "pendente",
                "pending",
                "agendad",
                "scheduled",
            ),
        ),
    ),
    (
        "in_progress",
        (
            *("progresso", "andamento", "atendimento", "aberto", "novo", "nova", "tratamento", "execucao", "triagem"),
            *("progress", "open", "new", "active", "ativo", "working", "assigned", "atribuid", "triage"),
        ),
    ),
)
_SHORT = 4
_ESCALATION = ("escal", "especialist", "specialist", "expert", "critico", "critical", "ouvidoria", "ombudsman")
_ACKNOWLEDGEMENT = (
    "recebemos",
    "we received",
    "we have received",
    "confirmacao de recebimento",
    "acknowledg",
    "protocolo",
)
_SURVEY = ("pesquisa de satisfacao", "satisfacao", "satisfaction", "survey", "avalie", "avaliacao", "feedback", "nps")
_MACHINE = (
    *("integra", "automac", "automation", "flow", "fluxo", "robo", "robot", "bot", "servico", "service account", "svc"),
    *("sistema", "system", "sync", "api", "migra", "import", "workflow", "admin"),
)
_CATEGORY = ("categor", "subcategor", "assunto", "subject", "motivo", "reason", "classific", "tipo", "type", "topic")


def plain(text: str) -> str:
    """A text in small letters without accents, its separators as blanks."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[\s_/|]+", " ", bare.lower()).strip()


def status_meaning(labels: Iterable[str]) -> tuple[str, str] | None:
    """The role that labels of a status reason speak for, and the word that does."""
    texts = [plain(label) for label in labels]
    for role, words in _BY_MEANING:
        for word in words:
            if any(_has(text, word) for text in texts):
                return role, word
    return None


def escalation_sign(name: str) -> tuple[str, bool] | None:
    """What in a name speaks of escalation, and whether it says so outright rather than by a level."""
    text = plain(name)
    word = next((word for word in _ESCALATION if _has(text, word)), None)
    if word:
        return word, word == "escal"
    level = _LEVEL.search(text)
    return (level[0], False) if level else None


def mail_meaning(subjects: Iterable[str]) -> tuple[str, str] | None:
    """`survey` or `acknowledgement` for the subjects of a template's mails, and the word that says so."""
    texts = [plain(subject) for subject in subjects]
    for meaning, words in (("survey", _SURVEY), ("acknowledgement", _ACKNOWLEDGEMENT)):
        for word in words:
            if texts and all(_has(text, word) for text in texts):
                return meaning, word
    return None


def machine_word(name: str) -> str | None:
    """The word in a user's name that speaks of a machine."""
    return next((word for word in _MACHINE if _has(plain(name), word)), None)


def category_word(column: str) -> str | None:
    """The word in a column's name that speaks of a category."""
    return next((word for word in _CATEGORY if word in plain(column)), None)


def _has(text: str, word: str) -> bool:
    """Whether a word of the text begins with it; short ones must be whole words, lest `bot` be found in a surname."""
    end = r"\b" if len(word) <= _SHORT else ""
    return re.search(rf"\b{re.escape(word)}{end}", text) is not None
