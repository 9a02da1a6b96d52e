"""A catalogue under everything at once: whether it stays exact, and its pages cheap."""
