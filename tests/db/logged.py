"""Statements on the sample, and the artifacts that each statement must log."""

EVERYTHING = {""}
SKILLS = {"skill:s1", "skill:s2", "skill:s3", "skill:s4"}
AGENTS = {"agent:a1", "agent:a2", "agent:a3"}

# The artifacts of the sample that a statement logs.
LOGGED: dict[str, tuple[str, set[str]]] = {
    "insert an artifact": (
        "insert into artifacts (type, name) values ('skill', 'n')",
        {"skill:n"},
    ),
    "edit an artifact": ("update artifacts set title = 'T' where name = 's1'", {"skill:s1"}),
    "rename an artifact": (
        "update artifacts set name = 'n' where name = 's1'",
        {"skill:s1", "skill:n"},
    ),
    "change the type of an artifact": (
        "update artifacts set type = 'agent' where name = 's1'",
        {"skill:s1", "agent:s1"},
    ),
    "delete an artifact": ("delete from artifacts where name = 's1'", {"skill:s1"}),
    "edit no artifact": ("update artifacts set title = 'T' where false", set()),
    "an artifact that conflicts": (
        "insert into artifacts (type, name) values ('skill', 's1') on conflict do nothing",
        set(),
    ),
    "an artifact that conflicts and is edited": (
        (
            "insert into artifacts (type, name) values ('skill', 's1'), ('skill', 'n') "
            "on conflict (id) do update set title = 'T'"
        ),
        {"skill:s1", "skill:n"},
    ),
    "merge artifacts": (
        (
            "merge into artifacts as a using (values ('s1'), ('s2'), ('n')) as v (name) "
            "on a.name = v.name when matched and v.name = 's1' then delete "
            "when matched then update set title = 'T' "
            "when not matched then insert (type, name) values ('skill', v.name)"
        ),
        {"skill:s1", "skill:s2", "skill:n"},
    ),
    "write artifacts in one statement": (
        (
            "with gone as (delete from artifacts where name = 's1'),"
            " edited as (update artifacts set title = 'T' where name = 's2') "
            "insert into artifacts (type, name) values ('skill', 'n')"
        ),
        {"skill:s1", "skill:s2", "skill:n"},
    ),
    "add a type": ("insert into artifact_types (type) values ('new')", set()),
    "rename a type": (
        "update artifact_types set type = 'agency' where type = 'agent'",
        AGENTS | {"agency:a1", "agency:a2", "agency:a3"},
    ),
    "delete a type": ("delete from artifact_types where type = 'agent'", AGENTS),
    "add a version": (
        "insert into artifact_versions (artifact_id, content_hash) values ('skill:s3', 'x')",
        {"skill:s3"},
    ),
    "edit a version": (
        "update artifact_versions set version = '3' where content_hash = 'two'",
        {"skill:s1"},
    ),
    "give a version to another artifact": (
        "update artifact_versions set artifact_id = 'agent:a2' where content_hash = 'two'",
        {"skill:s1", "agent:a2"},
    ),
    "delete versions": ("delete from artifact_versions", {"skill:s1", "agent:a1"}),
    "tag": (
        "insert into artifact_tags (artifact_id, tag_id) values ('skill:s1', 'q')",
        {"skill:s1"},
    ),
    "untag": ("delete from artifact_tags where artifact_id = 'skill:s1'", {"skill:s1"}),
    "exchange a tag": (
        "update artifact_tags set tag_id = 'empty' where artifact_id = 'skill:s1'",
        {"skill:s1"},
    ),
    "give a tag to another artifact": (
        "update artifact_tags set artifact_id = 'agent:a1' where artifact_id = 'skill:s1'",
        {"skill:s1", "agent:a1"},
    ),
    "add a tag": ("insert into tags (name, slug) values ('N', 'n')", set()),
    "change the id of a tag": ("update tags set id = 'n' where id = 'p'", SKILLS),
    "change the slug of a tag": ("update tags set slug = 'n' where id = 'p'", set()),
    "change the colour of a tag": ("update tags set color = '#123456'", set()),
    "set the name of a tag to itself": ("update tags set name = name", set()),
    "rename a tag that no artifact has": ("update tags set name = 'N' where id = 'empty'", {""}),
    "delete a tag": ("delete from tags where id = 'p'", SKILLS),
    "delete a tag that no artifact has": ("delete from tags where id = 'empty'", set()),
    "join a collection": (
        "insert into collection_artifacts values ('empty', 'skill:s1')",
        {"skill:s1"},
    ),
    "leave a collection": (
        "delete from collection_artifacts where (collection_id, artifact_id) = ('p', 'skill:s1')",
        {"skill:s1"},
    ),
    "move to another collection": (
        "update collection_artifacts set collection_id = 'empty' where collection_id = 'q'",
        AGENTS,
    ),
    "add a collection": ("insert into collections (name) values ('N')", set()),
    "change the id of a collection": ("update collections set id = 'n' where id = 'p'", SKILLS),
    "change the name of a collection": ("update collections set name = 'N' where id = 'p'", {""}),
    "edit a collection": ("update collections set name = name, description = 'D'", set()),
    "delete a collection": ("delete from collections where id = 'p'", SKILLS),
    "delete a collection that is empty": ("delete from collections where id = 'empty'", set()),
    "settle counts": ("select settle_counts()", set()),
    "repair counts": (
        "update collections set artifact_count = 70; select * from repair_counts()",
        set(),
    ),
    "edit, move and delete groups": (
        (
            "update groups set name = name || '!'; update groups set id = 'n' where id = 'gp'; "
            "delete from groups where id = 'gq'; truncate group_artifacts"
        ),
        set(),
    ),
    "write project templates": ("delete from project_templates", set()),
    "truncate artifacts": ("truncate artifacts cascade", EVERYTHING),
    "truncate types": ("truncate artifact_types cascade", EVERYTHING),
    "truncate versions": ("truncate artifact_versions", EVERYTHING),
    "truncate taggings": ("truncate artifact_tags", EVERYTHING),
    "truncate tags": ("truncate tags cascade", EVERYTHING),
    "truncate memberships": ("truncate collection_artifacts cascade", EVERYTHING),
    "truncate collections": ("truncate collections cascade", EVERYTHING),
    "truncate undone": (
        "savepoint s; truncate artifacts cascade; rollback to s; delete from artifact_versions",
        {"skill:s1", "agent:a1"},
    ),
    "a savepoint rolled back": (
        (
            "update artifacts set title = 'T' where name = 's1'; savepoint s; "
            "update artifacts set title = 'T' where name = 's2'; rollback to s; "
            "update artifacts set title = 'T' where name = 's3'"
        ),
        {"skill:s1", "skill:s3"},
    ),
}
