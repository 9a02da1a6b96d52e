"""Texts that would be executed or expanded if code concatenated them into SQL or markup."""

# Legal as text, and as a name if short.
LIKE_SQL = (
    "'; drop table collections cascade; --",
    '"x"; delete from artifacts; /* \\ \\\\ */',
    "%s %(id)s %% {0} {} $1 :name ?",
    "$$; drop schema skillmeat cascade; $$ %_\\%",
    "--help",
    "\u202eright to left\u2069 {a,b} [red]x[/red]",
)
# PostgreSQL cannot store these.
UNSTORABLE = ("nul\x00'; --", "lone\ud800surrogate")
LONG = "x'; --" * 20_000
EVERY = (*LIKE_SQL, *UNSTORABLE, LONG, "", "\x1b[2J'\n; --")
# One of each kind.
TELLING = (LIKE_SQL[0], UNSTORABLE[1], "")
