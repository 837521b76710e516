"""What the action catalogue has to say: PE1601 to PE1649."""

from __future__ import annotations

from policyeval.diagnostics.page import ERROR, diagnostic

PAGE = (
    diagnostic(
        "PE1601",
        ERROR,
        "the action catalogue is not there",
        "The list of AWS's services, actions, resource types and condition keys is a file inside "
        "the installed package, and it is missing. Decisions are the same without it: only the "
        "remarks on actions and condition keys that do not exist are left out. Installing "
        "policyeval again brings it back.",
        rules="R-MATCH-04",
    ),
    diagnostic(
        "PE1602",
        ERROR,
        "the action catalogue is damaged",
        "The list of AWS's services, actions, resource types and condition keys is a file inside "
        "the installed package, and it cannot be read as it stands. Decisions are the same "
        "without it. Installing policyeval again replaces it; `python tools/refresh_catalogue.py` "
        "in a checkout makes a new one.",
        rules="R-MATCH-04",
    ),
)
