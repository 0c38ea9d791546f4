"""The room that knows: what is known about operators, from where, and what to tell the user to do.

Its rule: nothing is said here without its source and day, and what is not known stays unknown. It
imports `core`, `errors` and the libraries phonenumbers and holidays (late); it reads the TOML
files whose paths it is given and nothing else: no clock, no network, no database, no terminal.
"""
