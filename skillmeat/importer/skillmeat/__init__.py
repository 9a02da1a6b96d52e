"""Takes over what SkillMeat itself keeps, as it is."""

from skillmeat.importer.skillmeat.report import Adopted, Counted, Kinds
from skillmeat.importer.skillmeat.run import adopt

__all__ = ["Adopted", "Counted", "Kinds", "adopt"]
