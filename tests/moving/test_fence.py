"""The fence of a copy."""

import pytest
from psycopg import Connection

from skillmeat.errors import SkillMeatError
from skillmeat.moving.fence import Fence, fence_empty_copy


def test_a_catalogue_without_the_fence_of_its_move_is_never_emptied(conn: Connection) -> None:
    conn.execute("insert into collections (id, name) values ('live', 'live')")
    conn.commit()

    with pytest.raises(SkillMeatError, match="another program has created a catalogue"):
        fence_empty_copy(conn, Fence("filling", "move", "1/2/3", "elsewhere"))

    found = conn.execute("select id from collections where id = 'live'").fetchall()
    assert found == [("live",)]
