"""The results of a run in a JSON file, from which the report can be written again."""

import dataclasses
import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from benchmarks.suite import Results
from skillmeat.errors import SkillMeatError


def save(results: Results, file: Path) -> None:
    """Write the results to a JSON file."""
    file.write_text(json.dumps(dataclasses.asdict(results), indent=1) + "\n", encoding="utf-8")


def read(file: Path) -> Results:
    """Read results from the file that `save` wrote.

    Raises `SkillMeatError` if the file is of another version.
    """
    try:
        return TypeAdapter(Results).validate_json(file.read_bytes())
    except ValidationError as error:
        message = f"{file} does not hold the results of this version's benchmarks: run them again"
        raise SkillMeatError(message) from error
