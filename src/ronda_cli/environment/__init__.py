"""Make and keep the environment in `.venv`: `./ronda` runs this package before every command.

Standard library only, on any Python from 3.10 to 3.13. The work is a row of stages. Each has a
key (a digest of what it depends on), written to `.venv/stamps` when the stage is done, so a later
start redoes the stages whose inputs changed and nothing else. Packages with missing files are
installed again; an installation that was interrupted or moved starts from an empty environment.
Downloads stay in pip's cache.
"""
