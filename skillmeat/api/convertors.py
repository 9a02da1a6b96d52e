"""A part of a path that names something: an id may hold any character, slashes and all."""

from starlette.convertors import Convertor, register_url_convertor


class Segment(Convertor[str]):
    """One segment; a slash in the id is %2F."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """Decode what the path kept encoded."""
        return value.replace("%2F", "/").replace("%2f", "/").replace("%25", "%")

    def to_string(self, value: str) -> str:
        """Encode what would end the segment."""
        return value.replace("%", "%25").replace("/", "%2F")


class Rest(Segment):
    """All that is left of the path; a slash may stand for itself."""

    regex = ".+"


def register() -> None:
    """Let routes say `{id:segment}` and `{id:rest}`."""
    register_url_convertor("segment", Segment())
    register_url_convertor("rest", Rest())
