"""The documentation: its pages, and what generates a part of them."""
