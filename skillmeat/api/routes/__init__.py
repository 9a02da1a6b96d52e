"""The endpoints: each decodes its parameters, runs one function, and returns its document."""
