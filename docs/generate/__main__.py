"""Write the generated part of every page under docs/reference/: `make docs-reference`."""

from docs.generate.pages import REFERENCE, render_pages
from skillmeat import migration
from skillmeat.embedded import temporary_server


def main() -> None:
    """Write each page that differs."""
    with temporary_server() as url:
        migration.upgrade(url=url)
        pages = render_pages(url)
    for name, text in pages.items():
        path = REFERENCE / name
        if path.read_text() != text:
            path.write_text(text)
            print(f"wrote {path.relative_to(REFERENCE.parents[1])}")  # noqa: T201


if __name__ == "__main__":
    main()
