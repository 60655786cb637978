"""Paging by the sort values of the last row seen. Ties are broken by id, so every row has one place."""


def with_id(sorts):
    """[(column, ASC or DESC)...] ending with the id, in the direction of the last column (so one index serves both)."""
    kept = [s for s in sorts if s[0] != "id"]
    return [*kept, ("id", sorts[-1][1])]


def order_by(sorts) -> str:
    return ", ".join(f"{column} {direction}" for column, direction in sorts)


def behind(sorts, values):
    """(condition, parameters) for the rows strictly behind the one that has `values`."""
    directions = {direction for _, direction in sorts}
    if len(directions) == 1:
        columns = ", ".join(column for column, _ in sorts)
        marks = ", ".join("?" * len(sorts))
        return f"({columns}) {'>' if directions == {'ASC'} else '<'} ({marks})", list(values)
    parts, params = [], []
    for depth, (column, direction) in enumerate(sorts):
        same = "".join(f"{c} = ? AND " for c, _ in sorts[:depth])
        parts.append(f"({same}{column} {'>' if direction == 'ASC' else '<'} ?)")
        params += values[: depth + 1]
    return f"({' OR '.join(parts)})", params
