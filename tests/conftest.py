"""What all tests share."""

from hypothesis import settings

# The same examples on every run: a gate must not fail by chance. Search further with --hypothesis-profile=default.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.load_profile("gate")
