"""REMINDS: one pass from claim to confirm, and what a pressed button asks for.

Here storage and channels meet, which else know nothing of each other. The room decides neither when
a pass runs (daemon), nor what is due (core), nor how it is said (wording).
"""
