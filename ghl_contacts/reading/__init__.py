"""Answers for API callers, read in a fixed number of queries however much they hold.

    contacts.py   contacts with everything nested: pages, streams, counts, search
    locations.py  locations, and what a caller must know about one: how fresh it is, who may be asked to refresh it
    users.py      users of a location

Reading is SQL, but every statement grows out of the model's own ``_search`` query: record rules, companies and
locations apply by themselves, as for any other reader. Nothing is written here and nobody outside is asked.
"""
