"""KEEPS the service up: systemd's user manager, or the desktop's autostart where there is none.

What the service does is its own affair. Every outside program is asked with a time limit and
without a shell, and its failure is an answer like any other.
"""
