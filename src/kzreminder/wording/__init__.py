"""wording SAYS: a reminder, a card, a fault as sentences in the user's language.

Every sentence that a user reads is a message id here or above, put into words by `Words`. Values
go in, text comes out; nothing is printed and nothing is decided.
"""
