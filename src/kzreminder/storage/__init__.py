"""storage REMEMBERS: cards, events, messages, marks. The only room that imports SQLAlchemy.

Values go in and come out; no row, session or engine passes the door, and no library error either.
"""
