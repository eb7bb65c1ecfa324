"""How the lake in older.zip was made: by a commit of this project whose articles had no slugline, revision, is_free and
embargoed_until, whose polls had no wait_s, and whose commits had format 1.

    git worktree add ../older 83034a9^
    cd ../older && python .../tests/lake/older.py older.zip

format2.zip was made in the same way, by commit 9002b2a, the last whose commits had format 2.
"""

import sys
import tempfile
import zipfile
from pathlib import Path

RECORDS = (
    [("a.example", "first", 1), ("b.example", "copy of the first", 2)],
    [("c.example", "a third with an end of its own", 3)],
)


def text(ending):
    """Return a story that two outlets have in common, but for its end."""
    beats = (
        f"On day {n} the council of the harbour town of Port {chr(65 + n)}ville weighed plan {n * 37} for its ferries, "
        f"which {n * 11 + 3} captains had asked for since the storm took pier number {n + 4}."
        for n in range(12)
    )
    return " ".join([*beats, ending])


def write_inputs(folder):
    """Write the input of both commits and return the two files."""
    import json

    paths = []
    for n, records in enumerate(RECORDS):
        paths.append(folder / f"{n}.jsonl")
        lines = [
            {
                "id": f"{n}-{outlet}",
                "url": f"https://{outlet}/ferries",
                "headline": f"The ferries, {ending}",
                "text": text(ending),
                "date": f"2022-02-0{day}T08:00:00Z",
            }
            for outlet, ending, day in records
        ]
        paths[-1].write_text("".join(json.dumps(line) + "\n" for line in lines) + ("{broken\n" if n else ""))
    return paths


def main(out):
    """Make the lake with whatever version of this project the working folder holds."""
    sys.path.insert(0, ".")
    from typer.testing import CliRunner

    from wirecopy.pipelines.cli import app

    with tempfile.TemporaryDirectory() as folder:
        for path in write_inputs(Path(folder)):
            shown = CliRunner().invoke(app, ["ingest", str(path), "--lake", f"{folder}/lake"])
            print(shown.stdout)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
            for path in sorted(Path(folder, "lake").rglob("*")):
                if path.is_file() and "index" not in path.parts:
                    archive.write(path, path.relative_to(folder))


if __name__ == "__main__":
    main(sys.argv[1])
