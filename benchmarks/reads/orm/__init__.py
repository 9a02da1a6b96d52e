"""The ORM as SkillMeat uses it, and each step that makes it faster."""
