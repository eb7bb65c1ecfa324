"""The pages say what the code does."""

import re
from pathlib import Path

from wirecopy.schemas.rejects import REASONS
from wirecopy.transforms.read.fields.mapping import NAMES

ROOT = Path(__file__).parent.parent


def test_the_page_of_formats_names_every_reason_and_every_field():
    page = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    for reason, meaning in REASONS.items():
        assert f"| {reason} | {meaning} |" in page
    listed = re.search(r"The fields are\n\n(.*?)\n\n", page, re.DOTALL)
    assert listed
    assert set(listed[1].split()) == set(NAMES) - {"clock"}


def test_every_page_that_is_pointed_at_is_there():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_command_of_the_readme_is_there():
    from typer.main import get_command

    from wirecopy.pipelines.cli import app

    commands = get_command(app).commands
    named = re.findall(r"wirecopy ([a-z]+)\b", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert named
    assert set(named) <= set(commands)


def test_every_test_that_the_page_on_security_names_is_there():
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    assert len(named) > 20
    for path, test in named:
        assert f"def {test}" in (ROOT / path).read_text(encoding="utf-8"), f"{path}::{test}"
