"""Requests made up from the OpenAPI document, right and wrong ones, and what is expected of every answer.

    values.py    what is sent: right, at the edge, and hostile
    maker.py     requests out of operations
    judge.py     what is wrong with an answer
    world.py     two companies, one of which never may be seen; what is stored
    run.py       against a real server

All but ``run`` works in tests as well.
"""
