"""`python -m kzreminder` is the same as `kzreminder`."""

from kzreminder.cli.main import main

main()
