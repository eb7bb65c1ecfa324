"""The SQL that readers see: views and macros over the tables' views, for DuckDB 1.5 and later without extensions.

They name the tables `articles` (with its `version`), `texts`, `plain_pairs`, `plain_passages`, `clusters`, `members`,
`rejects`, `feeds`, `polls`, `runs` and `search_index`, each a view or table of the schema that `schemas.tables` has for
it, and `search_coverage`, how many articles there are and how many of them `search_index` has.
"""

from __future__ import annotations

from importlib.resources import files

FILES = (
    "provenance",
    "stories",
    "outlets",
    "indirect",
    "passages",
    "nobody",
    "stock",
    "versions",
    "furniture",
    "search",
    "reading",
    "coverage",
    "feeds",
    "about",
)
"""In order of dependency: a file uses what stands in those before it."""


def statements() -> list[str]:
    """Return the statements that create the views and macros, and comment on them, in order of dependency."""
    script = "\n".join(files(__name__).joinpath(f"{name}.sql").read_text("utf-8") for name in FILES)
    return [f"{statement.strip()};" for statement in script.split(";\n") if statement.strip()]
