"""The engine: places calls, takes reports on them, and finds out what became of those nobody reported on.

place        has the telephones of committed calls ring
inbox        works off what providers delivered to our doors
reports      what reports do to calls
reconcile    asks the provider about calls that nothing was heard of
pace         how many calls may start at an account now
signals      tells others, after the commit, that something moved
"""
