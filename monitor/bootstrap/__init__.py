"""Config -> wired objects. The only room that knows all the others, and the only one that reads the clock.

Callers import its modules one by one, so that a health check does not load what a daemon needs.
"""
