"""Import what SkillMeat itself keeps, as it is."""

from skillmeat.importer.skillmeat.run import import_skillmeat

__all__ = ["import_skillmeat"]
