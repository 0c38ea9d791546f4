"""CHOOSES: config.toml, the environment and the options of a command -> one frozen `Settings`.

Each setting is declared once, and all faults of a file are told together, each with its key and
line. What is secret is carried as a `Secret`, and shows itself to nobody who does not ask for it.
The room reads files of the user's own and writes none; what a setting means is decided elsewhere.
"""
