"""The Web API below its version segment: from a path to whoever answers it.

Belongs here: the shapes of paths. Further parts of the API (change tracking, audit functions, `$batch`) join here.
"""

import re

from d365_pm.sandbox.answers import Answer, service_document
from d365_pm.sandbox.audit_details import answer_details
from d365_pm.sandbox.audit_history import answer_history
from d365_pm.sandbox.audit_queries import CallersQueries, without_names
from d365_pm.sandbox.audit_recording import AuditRecording
from d365_pm.sandbox.audit_settings import hide_secured_columns, write_settings
from d365_pm.sandbox.audit_store import AuditStore
from d365_pm.sandbox.csdl import metadata_document
from d365_pm.sandbox.environment import Environment
from d365_pm.sandbox.errors import unknown_segment
from d365_pm.sandbox.functions_api import call_function
from d365_pm.sandbox.metadata_api import MetadataApi
from d365_pm.sandbox.metadata_changes import answer_metadata_changes
from d365_pm.sandbox.options import parameters
from d365_pm.sandbox.privileges import answer_privileges
from d365_pm.sandbox.records_api import Call, RecordsApi

_RECORDS = re.compile(r"(?P<set>\w+)(?:\((?P<key>[^()]*)\))?(?:/(?P<rest>[\w$.]+))?")


class WebApi:
    """Answers calls to one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._records = RecordsApi(CallersQueries(environment))
        self._recording = AuditRecording(environment)
        self._recording.refresh()
        write_settings(environment)
        self._metadata = MetadataApi(environment)
        self._audits = AuditStore(environment)

    def answer(self, call: Call) -> Answer:
        """Answer one call.

        Raises:
            ApiError: The call is one that Dataverse would refuse.
        """
        self._recording.refresh()
        hide_secured_columns(self._environment)
        if not call.path:
            sets = [table.definition.entity_set for table in self._environment.tables.values()]
            return service_document(call.base, sets)
        if call.path == "$metadata":
            has_annotations = parameters(call.query).get("annotations") == "true"
            document = metadata_document(self._environment.tables, has_annotations=has_annotations)
            return Answer((document,), media_type="application/xml")
        if call.path.partition("(")[0].partition("/")[0] == "EntityDefinitions":
            return self._metadata.answer(call.base, call.path, call.query)
        function = self._of_functions(call)
        return function if function is not None else self._of_records(call)

    def _of_functions(self, call: Call) -> Answer | None:
        environment = self._environment
        return (
            answer_details(environment, self._audits, call)
            or call_function(environment, call.base, call.path, call.query)
            or answer_history(environment, self._audits, call)
            or answer_privileges(environment, call)
            or answer_metadata_changes(environment, call)
        )

    def _of_records(self, call: Call) -> Answer:
        match = _RECORDS.fullmatch(call.path)
        if match is None:
            raise unknown_segment(call.path.partition("/")[0].partition("(")[0])
        entity_set, key, rest = match["set"], match["key"], match["rest"]
        if key is None:
            if rest is None:
                answer = self._records.table(call, entity_set)
                return without_names(self._environment, call, answer) if entity_set == "audits" else answer
            if rest == "$count":
                return self._records.count(call, entity_set)
            self._environment.by_entity_set(entity_set)
            raise unknown_segment(rest)
        if rest is None:
            return self._records.record(call, entity_set, key)
        return self._records.related(call, entity_set, key, rest)
