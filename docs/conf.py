"""How Sphinx builds the site: `make docs`."""

from importlib import metadata

from pygments.lexers.sql import PsqlRegexLexer  # type: ignore[import-untyped]
from sphinx.application import Sphinx

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


def setup(app: Sphinx) -> None:
    """Highlight SQL as psql reads it, dollar quotes and backslash commands included."""
    app.add_lexer("sql", PsqlRegexLexer)
