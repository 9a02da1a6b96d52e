"""The import of SkillMeat's own data, unchanged."""

from skillmeat.importer.skillmeat.run import import_skillmeat

__all__ = ["import_skillmeat"]
