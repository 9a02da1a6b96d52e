"""The documentation: its pages, and the generator of the reference."""
