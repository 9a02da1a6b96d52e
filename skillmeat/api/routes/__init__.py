"""The endpoints. Each decodes its parameters, runs one function and returns its document."""
