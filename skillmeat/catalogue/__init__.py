"""The thin layer: one statement a function, in a transaction that the caller owns."""
