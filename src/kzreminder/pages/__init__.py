"""The room that draws: guides and the timeline, for a browser and for a terminal; QR codes.

Its rule: values in, text out. It reads no clock and no database, writes no file and opens nothing.
What users and operators wrote is text here, never markup. It alone imports segno and Jinja.
"""
