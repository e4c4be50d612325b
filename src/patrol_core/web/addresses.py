"""Addresses to listen on."""

from __future__ import annotations


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach who listens there."""
    return host in ("127.0.0.1", "::1", "localhost")
