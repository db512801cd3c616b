"""Proposals for the rules of an organisation: what its environment's names suggest, for a person to confirm.

Belongs here: reading names and labels, and guessing what they mean. Does not belong here: deciding; a proposal is a row
of a seed with its reason, and nothing reads it before somebody has put it into their folder of seeds.
Source: event-log semantics, section 10 (settings), 4.12 (roles of status codes), 3.4 (names suggest, never decide).
"""

from d365_pm.rules.drafts import write_drafts
from d365_pm.rules.errors import RulesError
from d365_pm.rules.proposal import Certainty, Proposal, as_json
from d365_pm.rules.suggestions import suggest

__all__ = ["Certainty", "Proposal", "RulesError", "as_json", "suggest", "write_drafts"]
