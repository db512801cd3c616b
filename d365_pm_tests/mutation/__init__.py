"""Mutation of the SQL models: a change that no test notices is a rule that no test guards.

Belongs here: making mutants from the syntax trees of the models, letting the tests of `make test` judge them, and the
survivors that are known with their reason. Does not belong here: tests that kill; those tell what the reference says
and stand with the rule that they guard.

A mutant changes one model. Every test has already run on the models as they are, and what they answered to its rows is
still in memory. So only the changed model and what follows from it is made anew, and a test runs again, from its first
line to its last, where a table that it reads has other rows than before. Where none has, no test can tell the mutant.
"""
