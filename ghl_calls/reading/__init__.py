"""Calls for API callers, read in a fixed number of queries however many there are.

    board.py      the newest calls of every status, and how many there are
    filters.py    the views and filters of lists and boards, as domains
    related.py    people and records that calls name
    timeline.py   what happened to a call; happened.py: the same for its form
    talk.py       what was said in a call, for its form
    message_calls.py  calls by the message that told of them, as clients of the contacts know them
    views.py      saved views, and the fixed ones
    pages.py      where in a list a page begins, without walking there
    statistics.py figures of a period
    listing.py    pages of calls and single calls
    call_log.py, call_log_lists.py, call_figures.py
                  documents, lists and figures of the call log, as clients of the AI SDR know them
    campaigns.py  campaigns, their log and calls as the dialler's clients know them
    documents.py  rows as the JSON objects callers know (plain Python)

As in ``ghl_contacts/reading``: every statement grows out of the model's own ``_search`` query, so that record rules,
companies and locations apply by themselves.
"""
