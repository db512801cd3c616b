"""The event log against what the generator knows, in kinds of environments that keep more or less of it.

Belongs here: the kinds, their raw layers, the log that the models make of them, and how much of it is true. Does not
belong here: the attributes of the log (`end_to_end`, `recount`) and what a rule does with single rows (`models`).

An event is a case, an activity and a second. Three promises, by what an environment audits:

* all of it, all the time: every event of the log is true and every true event is in the log;
* less than that: an event of class A or B is true; one of class C may be false, since its meaning was inferred;
* any: no event of class D, and no event of a case that was deleted.
"""
