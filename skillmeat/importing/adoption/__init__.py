"""Takes over what SkillMeat itself keeps, as it is."""

from skillmeat.importing.adoption.report import Adopted, Counted, Kinds
from skillmeat.importing.adoption.run import adopt

__all__ = ["Adopted", "Counted", "Kinds", "adopt"]
