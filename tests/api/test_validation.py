"""The messages of invalid requests: ours, and no validator's."""

import httpx
import pytest

GROUP = {"collection_id": "c", "name": "g"}


@pytest.mark.parametrize(
    ("method", "path", "body", "messages"),
    [
        ("POST", "/user-collections", {"name": ""}, ["name must not be empty"]),
        (
            "POST",
            "/user-collections",
            {"name": "x" * 256},
            ["name must have at most 255 characters"],
        ),
        (
            "POST",
            "/user-collections",
            {"name": " a"},
            ["name must have no control characters, and"],
        ),
        ("POST", "/user-collections", {"name": 7}, ["name must be a text"]),
        ("POST", "/user-collections", {}, ["name is missing"]),
        ("POST", "/user-collections", [], ["the body must be an object"]),
        ("POST", "/tags", {"name": "n", "color": "red"}, ["color must be # and six hex digits"]),
        (
            "PUT",
            "/artifacts/skill:s/tags",
            {"tags": ["", "a\n"]},
            ["item 1 of tags must not be empty", "item 2 of tags must have no control"],
        ),
        (
            "POST",
            "/groups",
            {**GROUP, "tags": ["a,b"], "color": "no", "icon": "no", "position": -1},
            [
                "item 1 of tags must be up to 32",
                "color must be slate",
                "icon must be 'layers'",
                "position must be 0 or more",
            ],
        ),
        ("POST", "/groups", {**GROUP, "position": "x"}, ["position must be a whole number"]),
        ("PUT", "/user-collections/c/reorder-groups", {"group_ids": []}, ["group_ids must not be"]),
        (
            "PUT",
            "/user-collections/c/reorder-groups",
            {"group_ids": "x"},
            ["group_ids must be a list"],
        ),
        (
            "GET",
            "/user-collections?limit=0&sort=x",
            None,
            ["limit must be 1 or more", "sort must be"],
        ),
        ("GET", "/user-collections?search=%00", None, ["search must contain no NUL"]),
        ("GET", "/groups", None, ["collection_id is missing"]),
        (
            "PUT",
            "/groups/g/reorder-artifacts",
            {"artifacts": [{"position": 0}, "x"]},
            [
                "item 1 of artifacts must have artifact_uuid or artifact_id",
                "item 2 of artifacts must be an object",
            ],
        ),
        (
            "PUT",
            "/groups/g/reorder-artifacts",
            {"artifacts": [{"artifact_id": "skill:a", "position": -1}]},
            ["position must be 0 or more"],
        ),
    ],
)
def test_an_invalid_request_is_refused_in_plain_words(
    client: httpx.Client, method: str, path: str, body: object, messages: list[str]
) -> None:
    answer = client.request(method, path, json=body)

    said = [each["msg"] for each in answer.json()["detail"]]
    assert answer.status_code == 422
    assert [text[: len(start)] for text, start in zip(said, messages, strict=True)] == messages


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/tags", "{", "the body must be JSON: "),
        ("/tags", r'{"name": "\ud800"}', "name must be valid Unicode"),
        ("/groups", '{"collection_id": "c", "name": "g", "position": NaN}', "position must be a"),
        ("/tags", b'{"name": "\xff"}', "the body must be UTF-8"),
        ("/tags", "[" * 10_000, "the body must be JSON with fewer levels"),
    ],
)
def test_a_body_that_is_no_json_is_refused_in_plain_words(
    client: httpx.Client, path: str, body: str | bytes, message: str
) -> None:
    answer = client.post(path, content=body, headers={"Content-Type": "application/json"})

    detail = answer.json()["detail"]
    assert (detail if isinstance(detail, str) else detail[0]["msg"]).startswith(message)


def test_a_body_of_another_type_is_refused_with_the_header_to_send(client: httpx.Client) -> None:
    body = b'{"name": "n"}'
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    answers = [
        client.post("/user-collections", content=body),
        client.post("/user-collections", content=body, headers=form),
    ]

    said = [(each.status_code, each.json()["detail"][0]["msg"]) for each in answers]
    message = "the body must be JSON: send the header Content-Type: application/json"
    assert said == [(422, message)] * 2


def test_a_text_with_nul_is_refused_in_plain_words(client: httpx.Client) -> None:
    answer = client.get("/artifacts", params={"search": "a\x00b"})

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["msg"] == "a text must not contain the character NUL"


@pytest.mark.parametrize("name", ["-", "_ _", "\ufdfa" * 10])
def test_a_tag_whose_slug_is_not_allowed_is_refused_because_of_the_slug(
    client: httpx.Client, name: str
) -> None:
    answer = client.post("/tags", json={"name": name})

    assert answer.status_code == 422
    assert "so is its slug" in answer.json()["detail"][0]["msg"]
