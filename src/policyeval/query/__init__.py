"""Questions over a whole environment: who can, what can one do, and the table of both."""
