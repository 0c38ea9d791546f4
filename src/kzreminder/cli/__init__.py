"""cli TALKS: Click commands that parse, make one call and print. No rule and no query lives here.

Results go to stdout, talk and errors to stderr; what a command does not use it does not import.
"""
