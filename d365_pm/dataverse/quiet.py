"""What other people's packages may write to the log: warnings, but nothing that they tell about single requests.

httpx writes every URL, httpcore every header, msal what it sends to the identity provider; links hold ids and values of
rows. A level would be undone by whoever turns everything on to find a fault, and then sends us the log.
"""

import logging

_TALKATIVE = frozenset({"httpx", "httpcore", "msal", "urllib3"})


class _OnlyWarnings(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


_ONLY_WARNINGS = _OnlyWarnings()


def quieten() -> None:
    """Keep single requests out of the log, at any level; may be called again and again."""
    for name in [*_TALKATIVE, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in _TALKATIVE:
            # On each of them, because a filter does not hold for the loggers below.
            logging.getLogger(name).addFilter(_ONLY_WARNINGS)
