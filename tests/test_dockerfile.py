"""The image's steps, run in a folder that stands for the image, as no engine is needed to try them."""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
NOBODY = 10001


def instructions():
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return [tuple(line.split(None, 1)) for line in lines]


def stages():
    found = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def sent_to_builder(name):
    """Whether .dockerignore lets a top-level file or folder into the build context."""
    sent = True
    for pattern in (ROOT / ".dockerignore").read_text().split():
        if fnmatch.fnmatch(name, pattern.lstrip("!")):
            sent = pattern.startswith("!")
    return sent


def test_the_base_is_pinned_by_version_and_the_command_runs_as_nobody():
    build, beam, final = (dict(stage) for stage in stages())
    for stage in (build, final):
        assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm( AS \w+)?", stage["FROM"])
    assert beam["FROM"] == f"apache/beam_python3.11_sdk:{locked('apache-beam')} AS beam"
    assert final["USER"] == f"{NOBODY}:{NOBODY}"
    assert json.loads(final["ENTRYPOINT"]) == ["wirecopy-entry"]


def locked(package):
    return re.search(rf"^{package}==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)[1]


@pytest.mark.parametrize(
    ("given", "started"),
    [
        (["demo", "--json"], "wirecopy demo --json"),
        (["--version"], "wirecopy --version"),
        ([], "wirecopy"),
        (["--worker_pool"], "boot --worker_pool"),
        (["--id=1-1", "--logging_endpoint=a:1"], "boot --id=1-1 --logging_endpoint=a:1"),
    ],
)
def test_the_image_is_the_command_and_the_worker_of_a_runner(tmp_path, given, started):
    for name in ("wirecopy", "boot"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    entry = tmp_path / "entry"
    entry.write_text((ROOT / "deploy" / "entry.sh").read_text().replace("/opt/apache/beam/boot", f"{tmp_path}/boot"))
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", entry, *given], env=path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == started


def test_what_is_deployed_is_pinned_and_no_container_runs_as_root():
    """Wirecopy's own image has its version, Beam's job server that of the lock, and Flink one that it supports."""
    pages = [ROOT / "deploy" / "compose.yaml", *(ROOT / "deploy" / "kubernetes").glob("*.yaml")]
    found = {document for page in pages for document in images(yaml.safe_load_all(page.read_text()))}
    own = {"wirecopy", f"wirecopy:{version('wirecopy')}"}
    assert found - own == {
        "flink:1.19.3-scala_2.12-java17",
        f"apache/beam_flink1.19_job_server:{locked('apache-beam')}",
    }
    for page in pages[1:]:
        for document in yaml.safe_load_all(page.read_text()):
            for pod in pods(document):
                assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == NOBODY
    compose = yaml.safe_load(pages[0].read_text())["services"]
    assert all(one["user"] == f"{NOBODY}:{NOBODY}" for one in compose.values() if one["image"] != "wirecopy")


def images(documents):
    for document in documents:
        if isinstance(document, dict):
            yield from (value for key, value in document.items() if key == "image")
            yield from images(document.values())
        elif isinstance(document, list):
            yield from images(document)


def pods(document):
    """Yield the specifications of pods that a manifest holds, less those that stand in a wider one."""
    if isinstance(document, dict):
        if "containers" in document and "volumes" in document:
            yield document
        for value in document.values():
            yield from pods(value)


def test_everything_copied_is_in_the_build_context():
    copied = [shlex.split(rest)[:-1] for name, rest in stages()[0] if name == "COPY"]
    for source in (path for paths in copied for path in paths):
        assert (ROOT / source).exists(), source
        assert sent_to_builder(source), source


def test_the_steps_give_a_command_that_nobody_can_run_on_a_read_only_install(tmp_path):
    image = tmp_path / "image"
    venv, work = image / "opt" / "wirecopy", image
    environment = os.environ | {"VENV": str(venv), "PIP_DISABLE_PIP_VERSION_CHECK": "1", "TMPDIR": str(tmp_path)}
    environment["PIP_NO_COMPILE"] = "1"  # the modules that no step imports need not be compiled
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment.pop("WIRECOPY_LAKE", None)
    for name, rest in stages()[0]:
        if name == "WORKDIR":
            work = image / rest.lstrip("/")
            work.mkdir(parents=True)
        elif name == "COPY":
            *sources, target = shlex.split(rest)
            for source in sources:
                place = work / target / source if target.endswith("/") else work / target
                if (ROOT / source).is_dir():
                    shutil.copytree(ROOT / source, place, symlinks=True)
                else:
                    shutil.copy(ROOT / source, place)
        elif name == "RUN":
            subprocess.run(["sh", "-euc", rest], cwd=work, env=environment, check=True)
    subprocess.run(["chmod", "-R", "a-w", str(image)], check=True)
    data = tmp_path / "data"
    data.mkdir()
    powerless = [shutil.which("setpriv"), "--bounding-set", "-dac_override,-dac_read_search,-fowner"]
    as_nobody = powerless if os.getuid() == 0 else []
    written = subprocess.run([*as_nobody, "touch", str(venv / "mine")], capture_output=True)
    assert written.returncode != 0, "the install is not read-only, so the next step would show nothing"
    done = subprocess.run(
        [*as_nobody, venv / "bin" / "wirecopy", "demo", "--json"],
        cwd=data,
        env={"PATH": str(venv / "bin"), "WIRECOPY_LAKE": str(data / "lake"), "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
    )
    subprocess.run(["chmod", "-R", "u+w", str(image)], check=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["articles"] == 5
