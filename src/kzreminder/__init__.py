"""kzreminder: no Kazakhstan SIM card dies because somebody forgot it."""

__version__ = "0.1.0"
