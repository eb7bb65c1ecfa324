"""Put what a Flink cluster needs into a folder: Flink's and Beam's jars by Maven, checked, and a job server of them.

usage: python tests/engine/install.py FOLDER

Exits 0 where the folder is whole, 2 where Java or Maven is missing, 3 where the jars cannot be had now, and 1 where
what came is not what was pinned.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:2.8:copy-dependencies"
MAIN = "org.apache.beam.runners.flink.FlinkJobServerDriver"
OPENED = (
    "java.base/java.lang java.base/java.net java.base/java.io java.base/java.nio java.base/sun.nio.ch "
    "java.base/java.lang.reflect java.base/java.text java.base/java.time java.base/java.util "
    "java.base/java.util.concurrent java.base/java.util.concurrent.atomic java.base/java.util.concurrent.locks"
)
"""Packages of Java that Flink's serializers look into."""
EXPORTED = "java.base/sun.net.util java.security.jgss/sun.security.krb5"
MISSING, UNREACHABLE, WRONG = 2, 3, 1


def main() -> None:
    """Install into the folder that is named, unless it is whole already."""
    folder = Path(sys.argv[1])
    for tool, why in (("java", "Flink runs on Java 11 or 17"), ("mvn", "Maven fetches Flink's and Beam's jars")):
        if shutil.which(tool) is None:
            _end(MISSING, f"{tool} is missing: {why}. Install it, and run make engine again.")
    pinned = dict(reversed(line.split()) for line in (HERE / "jars.sha256").read_text().splitlines())
    lib = folder / "lib"
    if _wrong(lib, pinned):
        shutil.rmtree(lib, ignore_errors=True)
        command = ["mvn", "-B", "-q", "-ntp", "--strict-checksums", "-f", HERE / "pom.xml", PLUGIN]
        command += ["-DincludeScope=runtime", f"-DoutputDirectory={lib.absolute()}"]
        if subprocess.run(command, check=False).returncode:
            _end(UNREACHABLE, "Maven could not fetch the jars; its own words stand above. Try make engine again.")
        if wrong := _wrong(lib, pinned):
            _end(WRONG, f"the jars are not those that jars.sha256 pins: {', '.join(wrong[:5])}")
    job_server(folder / "job-server.jar", sorted(lib.glob("*.jar")))
    (folder / ".ready").touch()
    print(f"{len(pinned)} jars and a job server are in {folder}", file=sys.stderr)


def _wrong(lib: Path, pinned: dict[str, str]) -> list[str]:
    """Return the names of jars that are missing, are not pinned, or have other bytes than were pinned."""
    there = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in lib.glob("*.jar")}
    return sorted(name for name in there.keys() | pinned.keys() if there.get(name) != pinned.get(name))


def job_server(path: Path, jars: list[Path]) -> None:
    """Write a jar that holds nothing but a manifest, which names the jars beside it: `java -jar` starts all."""
    fields = {
        "Manifest-Version": "1.0",
        "Main-Class": MAIN,
        "Class-Path": " ".join(jar.relative_to(path.parent).as_posix() for jar in jars),
        "Add-Opens": OPENED,
        "Add-Exports": EXPORTED,
    }
    with zipfile.ZipFile(path, "w") as jar:
        jar.writestr(
            "META-INF/MANIFEST.MF", "".join(f"{_folded(f'{name}: {value}')}\n" for name, value in fields.items())
        )


def _folded(line: str) -> str:
    """Return a line of a manifest in pieces of at most 72 bytes."""
    pieces = [line[:70], *(f" {line[at : at + 69]}" for at in range(70, len(line), 69))]
    return "\n".join(pieces)


def _end(status: int, why: str) -> None:
    print(f"make engine: {why}", file=sys.stderr)
    sys.exit(status)


if __name__ == "__main__":
    main()
