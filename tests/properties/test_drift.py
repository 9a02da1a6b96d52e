"""Any operations of several sessions, in any order: no snapshot shows drift."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from tests.db.conftest import sample_database, sessions
from tests.properties.sessions import WHICH, Sessions
from tests.shared_sessions import SharedSessions

__all__ = ["sample_database", "sessions"]

COLLECTION = st.sampled_from(("default", "p", "q", "empty", "new"))
GROUP = st.sampled_from(("gp", "gq", "empty", "p1", "new"))
TAG = st.sampled_from(("p", "q", "empty", "new"))
TYPE = st.sampled_from(("skill", "agent", "workflow", "new"))
NAME = st.sampled_from(("s1", "s2", "a1", "n"))
ARTIFACT = st.sampled_from(("skill:s1", "skill:s2", "skill:s3", "agent:a1", "agent:a2", "skill:n"))
TEXT = st.sampled_from(("One", "Two", "Three"))
MANY = st.lists(ARTIFACT, unique=True, max_size=4)


class Writers(Sessions):
    """The statements that each session may run."""

    @rule(which=WHICH, collection=COLLECTION, artifacts=MANY)
    def add(self, which: int, collection: str, artifacts: list[str]) -> None:
        self.run(
            which,
            "insert into collection_artifacts (collection_id, artifact_id) "
            "select %(collection)s, unnest(%(artifacts)s::text[]) on conflict do nothing",
            collection=collection,
            artifacts=artifacts,
        )

    @rule(which=WHICH, artifacts=MANY)
    def leave(self, which: int, artifacts: list[str]) -> None:
        self.run(
            which,
            "delete from collection_artifacts where artifact_id = any (%(artifacts)s)",
            artifacts=artifacts,
        )

    @rule(which=WHICH, one=COLLECTION, other=COLLECTION, artifacts=MANY)
    def move(self, which: int, one: str, other: str, artifacts: list[str]) -> None:
        self.run(
            which,
            "update collection_artifacts set collection_id = case collection_id "
            "when %(one)s then %(other)s else %(one)s end "
            "where collection_id in (%(one)s, %(other)s) and artifact_id = any (%(artifacts)s)",
            one=one,
            other=other,
            artifacts=artifacts,
        )

    @rule(which=WHICH, tag=TAG, artifacts=MANY)
    def tag(self, which: int, tag: str, artifacts: list[str]) -> None:
        self.run(
            which,
            "merge into artifact_tags as t using ("
            " select %(tag)s as tag, unnest(%(artifacts)s::text[]) as artifact) as s "
            "on t.tag_id = s.tag and t.artifact_id = s.artifact "
            "when matched then delete "
            "when not matched then insert (tag_id, artifact_id) values (s.tag, s.artifact)",
            tag=tag,
            artifacts=artifacts,
        )

    @rule(which=WHICH, group=GROUP, artifacts=MANY)
    def put_into_a_group(self, which: int, group: str, artifacts: list[str]) -> None:
        self.run(
            which,
            "insert into group_artifacts (collection_id, group_id, artifact_id) "
            "select g.collection_id, g.id, m.artifact_id from groups as g "
            "inner join collection_artifacts as m on m.collection_id = g.collection_id "
            "where g.id = %(group)s and m.artifact_id = any (%(artifacts)s) on conflict do nothing",
            group=group,
            artifacts=artifacts,
        )

    @rule(which=WHICH, collection=COLLECTION, group=GROUP)
    def create_or_move_a_group(self, which: int, collection: str, group: str) -> None:
        self.run(
            which,
            "insert into groups (collection_id, id, name) "
            "values (%(collection)s, %(group)s, %(name)s) "
            "on conflict (id) do update set collection_id = excluded.collection_id",
            collection=collection,
            group=group,
            name=f"{group}!",
        )

    @rule(which=WHICH, kind=TYPE, name=NAME)
    def create_an_artifact(self, which: int, kind: str, name: str) -> None:
        self.run(
            which,
            "insert into artifacts (type, name) values (%(kind)s, %(name)s) "
            "on conflict (id) do update set title = 'again'",
            kind=kind,
            name=name,
        )

    @rule(which=WHICH, artifact=ARTIFACT, kind=TYPE, name=NAME)
    def rename_an_artifact(self, which: int, artifact: str, kind: str, name: str) -> None:
        self.run(
            which,
            "update artifacts set type = %(kind)s, name = %(name)s where id = %(artifact)s",
            artifact=artifact,
            kind=kind,
            name=name,
        )

    @rule(which=WHICH, artifacts=MANY, title=TEXT)
    def edit_artifacts(self, which: int, artifacts: list[str], title: str) -> None:
        self.run(
            which,
            "update artifacts set title = %(title)s where id = any (%(artifacts)s)",
            artifacts=artifacts,
            title=title,
        )

    @rule(which=WHICH, artifacts=MANY, version=TEXT)
    def add_versions(self, which: int, artifacts: list[str], version: str) -> None:
        self.run(
            which,
            "insert into artifact_versions (artifact_id, content_hash, version) "
            "select unnest(%(artifacts)s::text[]), 'hash', %(version)s",
            artifacts=artifacts,
            version=version,
        )

    @rule(which=WHICH, one=ARTIFACT, other=ARTIFACT)
    def move_versions_and_tags(self, which: int, one: str, other: str) -> None:
        self.run(
            which,
            "with moved as ("
            " update artifact_versions set artifact_id = %(other)s where artifact_id = %(one)s) "
            "update artifact_tags set artifact_id = %(other)s where artifact_id = %(one)s",
            one=one,
            other=other,
        )

    @rule(which=WHICH, artifacts=MANY)
    def delete_versions(self, which: int, artifacts: list[str]) -> None:
        self.run(
            which,
            "delete from artifact_versions where artifact_id = any (%(artifacts)s)",
            artifacts=artifacts,
        )

    @rule(which=WHICH, artifacts=MANY)
    def delete_artifacts(self, which: int, artifacts: list[str]) -> None:
        self.run(which, "delete from artifacts where id = any (%(artifacts)s)", artifacts=artifacts)

    @rule(which=WHICH, old=COLLECTION, new=COLLECTION)
    def change_the_id_of_a_collection(self, which: int, old: str, new: str) -> None:
        self.run(which, "update collections set id = %(new)s where id = %(old)s", old=old, new=new)

    @rule(which=WHICH, collection=COLLECTION)
    def create_or_edit_a_collection(self, which: int, collection: str) -> None:
        self.run(
            which,
            "insert into collections (id, name) values (%(collection)s, %(name)s) "
            "on conflict (id) do update set description = 'edited'",
            collection=collection,
            name=f"{collection}!",
        )

    @rule(which=WHICH, collection=COLLECTION)
    def delete_a_collection(self, which: int, collection: str) -> None:
        self.run(which, "delete from collections where id = %(c)s", c=collection)

    @rule(which=WHICH, collection=COLLECTION)
    def replace_a_collection_in_one_statement(self, which: int, collection: str) -> None:
        self.run(
            which,
            "with gone as (delete from collections where id = %(c)s returning id, name) "
            "insert into collections (id, name) select id, name from gone",
            c=collection,
        )

    @rule(which=WHICH, old=GROUP, new=GROUP)
    def change_the_id_of_a_group(self, which: int, old: str, new: str) -> None:
        self.run(which, "update groups set id = %(new)s where id = %(old)s", old=old, new=new)

    @rule(which=WHICH, old=TAG, new=TAG)
    def change_the_id_of_a_tag(self, which: int, old: str, new: str) -> None:
        self.run(which, "update tags set id = %(new)s where id = %(old)s", old=old, new=new)

    @rule(which=WHICH, tag=TAG, name=TEXT)
    def change_the_name_of_a_tag(self, which: int, tag: str, name: str) -> None:
        self.run(which, "update tags set name = %(name)s where id = %(tag)s", tag=tag, name=name)

    @rule(which=WHICH, collection=COLLECTION, name=TEXT)
    def change_the_name_of_a_collection(self, which: int, collection: str, name: str) -> None:
        self.run(
            which,
            "update collections set name = %(name)s where id = %(collection)s",
            collection=collection,
            name=name,
        )

    @rule(which=WHICH, old=TYPE, new=TYPE)
    def rename_a_type(self, which: int, old: str, new: str) -> None:
        self.run(
            which, "update artifact_types set type = %(new)s where type = %(old)s", old=old, new=new
        )

    @rule(
        which=WHICH,
        table=st.sampled_from(
            ("collection_artifacts", "groups", "group_artifacts", "artifact_tags", "artifacts")
        ),
    )
    def truncate(self, which: int, table: str) -> None:
        self.run(which, f"truncate {table} cascade")


@pytest.mark.parametrize("examples", [8, pytest.param(200, marks=pytest.mark.exhaustive)])
def test_no_snapshot_shows_drift(sessions: SharedSessions, examples: int) -> None:
    machine = type("Writers", (Writers,), {"shared": sessions})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            database=None,
            # Shrinking takes minutes. Add Phase.shrink to get a short example of a failure.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
