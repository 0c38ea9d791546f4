"""The room that trades: cards from files of other programs.

Its rule: a stream and readers in, cards and faults out. It opens no file and asks no database. What
stands in a file is text until a reader has taken it: never markup, a path, a formula or an option.
"""
