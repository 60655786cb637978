"""Pure functions from one remote record to the values of one mirror row: one module per object.

Each module has ``to_row(remote) -> dict``. The dict's keys are columns of the model, remote ids stay remote ids
(the merge resolves them), stamps are naive UTC datetimes cut to the second. Fields of the record that no column
takes are kept under ``extra``, but for those ``IGNORED``: they do not count as a change of the record either. A record
that cannot be used raises ``MappingError`` with a reason for people.
"""

# Goes into every content hash: raising it makes the next full sync map and write everything again.
MAPPING_VERSION = 1
