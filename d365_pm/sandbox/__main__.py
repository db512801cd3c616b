"""`python -m d365_pm.sandbox`: the same as `d365-pm sandbox`."""

from d365_pm.sandbox.cli import app

app()
