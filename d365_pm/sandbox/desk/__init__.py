"""The life of a service desk, made up: rows of Dataverse tables and the event log that is right for them."""

from d365_pm.sandbox.desk.desk import Desk, read
from d365_pm.sandbox.desk.errors import DeskError
from d365_pm.sandbox.desk.generate import generate
from d365_pm.sandbox.desk.habits import EVENTFUL, PLAIN, Habits

__all__ = ["EVENTFUL", "PLAIN", "Desk", "DeskError", "Habits", "generate", "read"]
