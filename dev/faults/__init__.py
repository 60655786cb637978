"""What the sync survives: processes killed in the middle of a pull (``kill``), a service that misbehaves (``mix``).

Each run ends with a comparison of the whole mirror with one that was pulled undisturbed.
"""
