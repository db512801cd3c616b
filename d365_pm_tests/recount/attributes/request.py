"""What a case is about: number, channel, customer, priority, type, product (2.1, 2.6, 2.10 to 2.12, 2.19)."""

from collections import Counter
from dataclasses import dataclass

from d365_pm_tests.recount.dossier import Dossier
from d365_pm_tests.recount.raw import Raw, Row
from d365_pm_tests.recount.rules import LCIDS


@dataclass(frozen=True)
class Requests:
    """Everything that the attributes of a request are looked up in."""

    raw: Raw
    lcid: int
    numbers: Counter[str | None]
    customers: dict[str, dict[str, Row]]
    subjects: dict[str, Row]
    products: dict[str, Row]

    @classmethod
    def of(cls, raw: Raw, language: str) -> "Requests":
        """Look-ups of raw rows."""
        return cls(
            raw,
            LCIDS[language],
            Counter(row["ticketnumber"] for row in raw.table("incident")),
            {"account": raw.by_key("account", "accountid"), "contact": raw.by_key("contact", "contactid")},
            raw.by_key("subject", "subjectid"),
            raw.by_key("product", "productid"),
        )

    def number(self, case: Dossier) -> str:
        """`ServiceRequest`."""
        number = case.row["ticketnumber"]
        if number and self.numbers[number] == 1:
            return str(number)
        return f"{number or ''}~{case.id[:8]}"

    def channel(self, case: Dossier) -> str | None:
        """`Channel`: how the case was opened."""
        history = case.history("caseorigincode")
        code = history.first() if history.changes else case.row["caseorigincode"]
        return self.raw.label("incident", "caseorigincode", code if isinstance(code, int) else None, self.lcid)

    def customer(self, case: Dossier) -> str | None:
        """`CustomerName`."""
        kind, customer = case.row["_customerid_type"], case.row["_customerid_value"]
        row = self.customers.get(kind or "", {}).get(customer or "", {})
        name: str | None = row.get("name") if kind == "account" else row.get("fullname")
        return name

    def priority(self, case: Dossier) -> str | None:
        """`Priority` as it is now."""
        return self.raw.label("incident", "prioritycode", case.row["prioritycode"], self.lcid)

    def type(self, case: Dossier) -> str | None:
        """`ServiceRequestType` as it is now."""
        title: str | None = self.subjects.get(case.row["_subjectid_value"] or "", {}).get("title")
        return title

    def product(self, case: Dossier) -> str | None:
        """`ProductInvolved` as it is now."""
        name: str | None = self.products.get(case.row["_productid_value"] or "", {}).get("name")
        return name
