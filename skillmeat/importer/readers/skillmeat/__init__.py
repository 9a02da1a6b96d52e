"""Reads what SkillMeat itself keeps: its database, its collections, its records in projects."""

from skillmeat.importer.readers.skillmeat.discovery import LOOKED_FOR, Places, find
from skillmeat.importer.readers.skillmeat.model import (
    HeldArtifact,
    HeldCollection,
    HeldGroup,
    HeldTag,
    HeldTemplate,
    HeldVersion,
    Holdings,
    Membership,
    Note,
    Placement,
    Tagging,
)
from skillmeat.importer.readers.skillmeat.reader import read

__all__ = [
    "LOOKED_FOR",
    "HeldArtifact",
    "HeldCollection",
    "HeldGroup",
    "HeldTag",
    "HeldTemplate",
    "HeldVersion",
    "Holdings",
    "Membership",
    "Note",
    "Placement",
    "Places",
    "Tagging",
    "find",
    "read",
]
