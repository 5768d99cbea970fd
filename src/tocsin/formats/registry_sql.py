"""Names and texts as they stand in SQL."""


def quoted(name: str) -> str:
    """Return the name of a column between quotation marks.

    >>> quoted("the lot")
    '"the lot"'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL. A parameter would make DuckDB import pandas, in whatever thread.

    >>> print(literal("it's"))
    'it''s'
    """
    return "'" + text.replace("'", "''") + "'"
