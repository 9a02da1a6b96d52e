"""Texts that would be executed, expanded or refused wherever text was pasted together."""

# Legal in every text, and names as well where they are short.
LIKE_SQL = (
    "'; drop table collections cascade; --",
    '"x"; delete from artifacts; /* \\ \\\\ */',
    "%s %(id)s %% {0} {} $1 :name ?",
    "$$; drop schema skillmeat cascade; $$ %_\\%",
    "--help",
    "\u202eright to left\u2069 {a,b} [red]x[/red]",
)
# No name, and no text where it holds what PostgreSQL cannot store.
UNSTORABLE = ("nul\x00'; --", "lone\ud800surrogate")
LONG = "x'; --" * 20_000
EVERY = (*LIKE_SQL, *UNSTORABLE, LONG, "", "\x1b[2J'\n; --")
# One of each kind.
TELLING = (LIKE_SQL[0], UNSTORABLE[1], "")
