"""A second, independent count of the event log, in plain Python, to hold against the SQL models and the generator.

Written from the event-log semantics and the table reference alone. It knows the shipped settings only and takes a desk
whose auditing was on from the start. Where the semantics leave a choice, this is what was chosen, with the section:

* 1.3: before a create row the value is what that row gave, so that an imported case has a status at its historical
  birth. At the second of a change the change is believed, also where the chain breaks behind it; a break leaves the
  time strictly between two changes, or after the last one, unknown.
* 2.8, 2.15: a change shows what it brought; Case Resolved shows what the nearest audited change to Resolved within a
  minute brought, because both are one fact, else what its resolution type implies. Several changes of one second are
  chained from old to new. An initial owner (A2) shows itself.
* 2.9: an owner stands in for an unknown actor only where the owner is a person.
* 2.12: the order of subject, case type and custom category is one of configuration: no subject, no type.
* 2.13: contacts up to ten minutes after the creation opened the case; contacts in the second of the resolution count.
* 2.14: bulk changes and machines are left out before owners are compared with the one before the last.
* 2.15: the team before the person means the owner directly before, not any earlier team.
* 2.17: an article whose row is gone has no number, and its GUID is none.
* 2.18: a response without a CSAT metric says nothing, so the last one that has it counts.
* 2.20: the last Case Resolved is the resolution that a cancelled clock is held against.
* 3.1: A2 needs a create row or a first owner change, as its own trigger says; A4 speaks for a queue item without A3.
* 3.4: signs join the escalation that the earliest of them opened while they are within ten minutes of that one.
* 3.6: a KPI that neither case nor item tells is the one that its instance's name speaks of.
* 3.7: links of system actors are left out before repeated links are.
* 3.9: a first classification is no recategorisation, but may be half of a correction within 60 seconds; so may be
  a cleared category.
* 3.11: P3 needs an owner change to the actor in the second of the removal and no P1 of the item in that second.
* 3.13: the e-mail that carries an article is the nearest within ten minutes of the link; if it belongs to a request by
  3.15 rule 2, the link proposes nothing. A link made while the case lay resolved proposes nothing either.
* 3.15: an e-mail without a send time has no moment and says nothing.
* 4.7: repaired transitions take the places that ranks gave to the tie's transitions; so do chained changes.
"""
