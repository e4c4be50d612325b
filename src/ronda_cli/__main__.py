"""`python -m ronda_cli`, which is what `./ronda` runs."""

from __future__ import annotations

from ronda_cli.app import main

if __name__ == "__main__":
    main()
