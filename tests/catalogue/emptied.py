"""One database for many tests, emptied before each: cloning takes longer than most of them."""

import skillmeat

EMPTY = """
    delete from artifacts;
    delete from collections;
    delete from tags;
    delete from project_templates;
    delete from count_changes;
    update artifact_types set artifact_count = 0;
"""


def emptied(url: str) -> str:
    """The same URL, of a catalogue that holds SkillMeat's types and nothing else."""
    with skillmeat.connect(url, autocommit=True) as conn, conn.transaction():
        conn.execute(EMPTY)
        # What was deleted has just been appended; it is settled before the commit would.
        conn.execute("delete from count_changes")
    return url
