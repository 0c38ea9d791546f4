"""SHOWS: one message, on one target, and the truth about what became of it.

A channel is handed a finished `Message` and answers: accepted, target away, or refused. It never
raises, never hangs beyond its limit, never believes a library that hides its failures, and lets
nothing that a user typed act as markup or as an option. It knows nothing of cards, reminders or
languages, and decides neither what to tell nor when to try again. Only here are plyer and Apprise
imported, and only here and in the daemon jeepney; of kzreminder itself the room knows only
`errors`.
"""
