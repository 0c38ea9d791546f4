"""EXAMINES: what a reminder needs, checked in order, each with how to mend it.

A check looks and changes nothing: it makes no file, upgrades no database, takes no lock that
another waits for. One that fails, or hangs, never keeps the next from being made.
"""
