"""The ORM as SkillMeat uses it, and each step by which one makes that faster."""
