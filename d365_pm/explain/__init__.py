"""One case as a story: its events with their evidence, what was set aside and why, and where nothing can be known.

Belongs here: reading the published warehouse for one case, and the words for it. Does not belong here: any rule; what
the models decided is told, never decided again.
"""

from d365_pm.explain.errors import UnknownCaseError
from d365_pm.explain.story import Attribute, FailedCheck, SetAside, Story, ToldEvent, as_json
from d365_pm.explain.telling import explain

__all__ = ["Attribute", "FailedCheck", "SetAside", "Story", "ToldEvent", "UnknownCaseError", "as_json", "explain"]
