from tests.catalogue.conftest import small

__all__ = ["small"]
