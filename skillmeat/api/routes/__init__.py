"""The endpoints: each parses what is asked, runs one function, and passes its bytes on."""
