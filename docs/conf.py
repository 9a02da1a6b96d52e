"""How Sphinx builds the site: `make docs`."""

from importlib import metadata

project = "SkillMeat on PostgreSQL"
release = metadata.version("skillmeat-postgres")

extensions = ["myst_parser", "sphinx_copybutton", "sphinx_external_toc"]
exclude_patterns = ["_build"]

# A link to a heading is checked, down to this level.
myst_heading_anchors = 4

html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
