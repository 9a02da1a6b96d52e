"""Read the code blocks of a page, and the comments that control how they run.

    <!-- test: environment NAME -->  where the page runs, before its first block
    <!-- test: not run, REASON -->   the next block cannot be run by a test
    <!-- test: exits with N -->      the next block ends with this exit code
    <!-- test: keeps running -->     the next block is a server, ready once its output is there
    <!-- test: after Ctrl-C -->      the reader stops that server before the next block

A block in `text` directly after a block that runs is what that block prints.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
RUN = frozenset({"sh", "sql", "python"})
OUTPUT = "text"
# Configuration, and signatures and answers in the reference: shown, not run.
SHOWN = frozenset({"ini", "json", "py", "yaml"})

_COMMENT = re.compile(r"<!-- test: (.+?) -->")
_ENVIRONMENT = "environment "
_NOT_RUN = "not run, "
_EXITS = "exits with "
_MARKDOWN = MarkdownIt("commonmark").enable("table")


class UnknownBlock(ValueError):
    """A block or a comment of a page that no test understands."""


@dataclass(slots=True)
class Block:
    """A fenced block of a page; `output` is what it prints, if the page shows it."""

    language: str
    text: str
    line: int
    output: str | None = None
    not_run: str | None = None
    exit_code: int = 0
    keeps_running: bool = False
    after_interrupt: bool = False

    def apply(self, instructions: Iterable[str]) -> None:
        """Apply the test comments before the block."""
        for each in instructions:
            if each.startswith(_NOT_RUN):
                self.not_run = each.removeprefix(_NOT_RUN)
            elif each.startswith(_EXITS):
                self.exit_code = int(each.removeprefix(_EXITS))
            elif each == "keeps running":
                self.keeps_running = True
            elif each == "after Ctrl-C":
                self.after_interrupt = True
            else:
                raise UnknownBlock(self.line, each)


@dataclass(slots=True)
class Page:
    """A page of the documentation, read."""

    environment: str | None
    blocks: list[Block]

    @property
    def to_run(self) -> list[Block]:
        """The blocks that a test runs."""
        return [each for each in self.blocks if each.language in RUN and not each.not_run]

    def add(self, block: Block) -> None:
        """Add the next block. Raises UnknownBlock for a language that is not known here."""
        last = self.blocks[-1] if self.blocks else None
        if block.language in RUN | SHOWN or block.not_run:
            self.blocks.append(block)
        elif block.language != OUTPUT or not last or last.language not in RUN or last.output:
            raise UnknownBlock(block.line, block.language)
        else:
            last.output = block.text


def paths() -> list[Path]:
    """List the pages whose blocks run: all except the one that `make bench-full` writes."""
    pages = {*(ROOT / "docs").rglob("*.md")} - {ROOT / "docs/explanation/benchmarks.md"}
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(pages)]


def read_page(path: Path) -> Page:
    """Read one page. Raises UnknownBlock for a block or a comment that no test understands."""
    page = Page(None, [])
    instructions: list[str] = []
    for token in _MARKDOWN.parse(path.read_text()):
        if token.type == "html_block":
            instructions += _COMMENT.findall(token.content)
        elif token.type == "code_block":
            raise UnknownBlock(_line(token), "indented code has no language")
        elif token.type == "fence":
            block = Block(token.info, token.content, _line(token))
            for each in instructions:
                if each.startswith(_ENVIRONMENT):
                    page.environment = each.removeprefix(_ENVIRONMENT)
            block.apply(each for each in instructions if not each.startswith(_ENVIRONMENT))
            page.add(block)
            instructions.clear()
    return page


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 0
