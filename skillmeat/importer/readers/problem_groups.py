"""Problems grouped by reason: thousands of problems are a few lines with a count and examples."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from skillmeat.importer.readers.model import Problem

MOST_EXAMPLES = 3


class ProblemGroup(NamedTuple):
    """The problems that have the same reason and the same advice."""

    reason: str
    advice: str | None
    problems: list[Problem]

    @property
    def title(self) -> str:
        """The reason, the number of problems and the advice on one line."""
        title = f"{self.reason} ({len(self.problems):,})"
        return f"{title}; {self.advice}" if self.advice else title


def group_problems(problems: Iterable[Problem]) -> list[ProblemGroup]:
    """Return the groups, the largest first; the problems of each keep their order."""
    groups: dict[tuple[str, str | None], list[Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.reason, problem.advice), []).append(problem)
    return sorted(
        (ProblemGroup(*key, found) for key, found in groups.items()),
        key=lambda group: (-len(group.problems), group.reason),
    )


def summarize_problems(problems: Sequence[Problem]) -> str:
    """Return one line with the largest groups, each with its first problem."""
    groups = group_problems(problems)
    has_sources = len({problem.source for problem in problems}) > 1
    lines = [
        f"{group.title} (first: {describe_example(group.problems[0], has_sources=has_sources)})"
        for group in groups[:MOST_EXAMPLES]
    ]
    others = sum(len(group.problems) for group in groups[MOST_EXAMPLES:])
    return ", ".join([*lines, f"and {others:,} more"] if others else lines)


def describe_example(problem: Problem, *, has_sources: bool = False) -> str:
    """Return the path of a problem and its detail; `has_sources` adds the name of its source."""
    path = f"{problem.source}: {problem.path}" if has_sources else problem.path
    return f"{path}: {problem.detail}" if problem.detail else path
