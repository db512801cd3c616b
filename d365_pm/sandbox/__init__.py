"""A Dataverse on this machine: a service desk's life (`desk`) and the server that shows it as the platform would.

Stands alone: nothing here knows the pipeline, so that the two can be judged by each other. `serving.running_server` for
tests, `process.start_sandbox` for a process of its own, `cli` for people.
"""
