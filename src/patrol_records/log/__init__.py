"""The tamper-evident log: an append-only Merkle tree (RFC 6962) with signed checkpoints."""
