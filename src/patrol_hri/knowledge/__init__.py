"""Answers about the site, from its `visitors.yaml` alone."""

from patrol_hri.knowledge.base import Answer, KnowledgeBase

__all__ = ["Answer", "KnowledgeBase"]
