"""MEETS: what a service and the commands of one database know of each other.

The lock says that a service is there, its heartbeat how it is doing, the poke that a card was
changed. All three are files in the user's state folder, for the owner's eyes only, one of each a
database; a crash leaves none of them in the way of the next service.
"""
