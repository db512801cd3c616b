"""Whom the desk serves: companies, their people, and private persons.

A customer is a number: companies first, then contacts. Belongs here: names and who belongs to whom. Does not belong
here: which case is whose (`arrivals.py`).
"""

from dataclasses import dataclass

import numpy as np

from d365_pm.sandbox.desk.names import COMPANY_FORMS, COMPANY_KINDS, COMPANY_NAMES, FIRST_NAMES, SURNAMES
from d365_pm.sandbox.desk.numbers import NONE, IntArray

_CASES_PER_COMPANY, _CASES_PER_CONTACT, _PRIVATE = 6, 2.5, 0.35


@dataclass(frozen=True, slots=True)
class Customers:
    """Everybody who may open a case.

    Attributes:
        companies: Names of the companies.
        contacts: Names of the contacts.
        employer: For each contact its company; nothing for private persons.
        first_contact: For each company one contact who speaks for it.
    """

    companies: tuple[str, ...]
    contacts: tuple[str, ...]
    employer: IntArray
    first_contact: IntArray

    @property
    def names(self) -> tuple[str, ...]:
        """Name of every customer."""
        return (*self.companies, *self.contacts)

    def choose(self, count: int, random: np.random.Generator) -> IntArray:
        """Customers who open that many cases; some open far more than others."""
        company = (len(self.companies) * random.random(count) ** 1.7).astype(np.int64)
        private = np.flatnonzero(self.employer == NONE)
        person = len(self.companies) + private[random.integers(len(private), size=count)]
        return np.where(random.random(count) < _PRIVATE, person, company)

    def speaker(self, customer: IntArray) -> IntArray:
        """The contact who speaks for each customer."""
        is_company = customer < len(self.companies)
        return np.where(
            is_company,
            self.first_contact[np.where(is_company, customer, 0)],
            customer - len(self.companies),
        )


def acquire(cases: int, random: np.random.Generator) -> Customers:
    """The customers of a desk of that many cases."""
    companies = 8 + int(cases / _CASES_PER_COMPANY)
    contacts = 2 * companies + 12 + int(cases / _CASES_PER_CONTACT)
    employer = np.full(contacts, NONE)
    employer[: 2 * companies] = np.arange(2 * companies) % companies
    return Customers(_company_names(companies, random), _person_names(contacts, random), employer, np.arange(companies))


def _company_names(count: int, random: np.random.Generator) -> tuple[str, ...]:
    words = (COMPANY_KINDS, COMPANY_NAMES, COMPANY_FORMS)
    return tuple(" ".join(name) for name in zip(*(random.choice(each, count) for each in words), strict=True))


def _person_names(count: int, random: np.random.Generator) -> tuple[str, ...]:
    words = (FIRST_NAMES, SURNAMES, SURNAMES)
    return tuple(" ".join(name) for name in zip(*(random.choice(each, count) for each in words), strict=True))
