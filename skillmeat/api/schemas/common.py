"""Types and models that all resources share: names, times, counts, errors and pages."""

from typing import Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, Field, JsonValue

ID: Final = "c3e672b853f32dd8b0125aeb7bef4b13"
TIME: Final = "2026-01-01T00:01:00"
PRINTABLE: Final = r"[^\x00-\x1f\x7f-\x9f]"
# Neither a control character nor a space.
VISIBLE: Final = r"[^ \x00-\x1f\x7f-\x9f]"
NAME: Final = rf"^{VISIBLE}({PRINTABLE}*{VISIBLE})?$"
TEXT: Final = r"^[^\x00]*$"

Name = Annotated[str, Field(min_length=1, max_length=255, pattern=NAME)]
Text = Annotated[str, Field(pattern=TEXT)]
Time = Annotated[str, Field(description="UTC, in ISO 8601 without an offset.", examples=[TIME])]
Count = Annotated[int, Field(ge=0)]
ArtifactId = Annotated[
    str, Field(min_length=1, pattern=TEXT, description="`type:name`.", examples=["skill:pdf"])
]
Position = Annotated[int, Field(ge=0, le=2**31 - 1)]


class ErrorResponse(BaseModel):
    """An error: what is wrong, and what to do."""

    detail: str = Field(examples=["Collection 'nope' not found"])


class PageInfo(BaseModel):
    """The position of a page in its list, and the exact total."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None = Field(examples=["c2tpbGw6cGRm"])
    end_cursor: str | None = Field(examples=["c2tpbGw6cGRm"])
    total_count: Count = Field(examples=[1000])


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    page_info: PageInfo


class RowChangedResponse(ErrorResponse, Generic[Item]):
    """The row was edited since the client read it: nothing was written, and this is the row now."""

    current: Item


class ValidationProblem(BaseModel):
    """An invalid part of a request."""

    type: str = Field(examples=["string_too_short"])
    loc: list[str | int] = Field(examples=[["body", "name"]])
    msg: str = Field(examples=["name must not be empty"])
    input: JsonValue = None


class ValidationErrorResponse(BaseModel):
    """The invalid parts of a request."""

    detail: list[ValidationProblem]
