"""What the console keeps, and where: names below a robot's state folder."""

from __future__ import annotations

FOLDER = "console"
ACCOUNTS = "accounts.db"
ACTS = "acts.jsonl"
FIRST_CODE = "first-start.txt"
