"""daemon LASTS: the process that stays up and makes passes. The only room that imports APScheduler.

It decides when a pass runs, never what it says; it logs and does not print.
"""
