"""House rules that no other tool watches: what a file must say, and what must not stand in one.

The words that are looked for are put together from parts, so that this file does not find itself.
"""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 500  # lines; the aim is 400 and one subject

_listed = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT,
    capture_output=True,
    text=True,
    check=True,
).stdout.splitlines()
FILES = [name for name in _listed if (ROOT / name).is_file() and not name.startswith("tests/data/")]
PYTHON = [name for name in FILES if name.endswith(".py")]
CODE = [name for name in FILES if name.endswith((".py", ".sql"))]

UNFINISHED = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error"]) + r")\b"
)
SKIPPED = re.compile(r"pytest\.(mark\.)?(" + "|".join(["ski" + "p", "ski" + "pif", "xfa" + "il"]) + r")\b")
BARE_IGNORE = re.compile(r"#\s*type:\s*igno" + r"re(?!\[)")
MACHINE = re.compile(r"(?<![\w.])/(home/\w+|root/[\w.]|work/)|://[^\s/]*/simple\b|--(extra-)?index-" + "url")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8", errors="replace")


def test_files_were_found() -> None:
    assert "dev.py" in PYTHON
    assert len(PYTHON) > 100


def test_every_module_says_why_it_exists() -> None:
    trees = {name: ast.parse(text(name)) for name in PYTHON}
    assert [name for name, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_nothing_is_left_unfinished() -> None:
    assert [name for name in CODE if UNFINISHED.search(text(name))] == []


def test_no_test_is_put_aside() -> None:
    """A skip is only right where the shared public files are absent; that one place counts them."""
    allowed = {"tests/support/shared_data.py"}
    assert [name for name in PYTHON if name not in allowed and SKIPPED.search(text(name))] == []


def test_no_type_error_is_silenced_wholesale() -> None:
    assert [name for name in PYTHON if BARE_IGNORE.search(text(name))] == []


def test_no_file_has_two_subjects_long() -> None:
    lengths = {name: text(name).count("\n") for name in CODE}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_nothing_names_this_machine_or_a_package_index() -> None:
    allowed = {"requirements.lock", "tests/lint/test_house_rules.py"}
    found = [name for name in FILES if name not in allowed and not name.endswith((".png", ".wav"))
             and MACHINE.search(text(name))]  # fmt: skip
    assert found == []


def test_no_font_or_icon_file_is_copied_in() -> None:
    assert [
        name for name in FILES if name.endswith((".ttf", ".otf", ".woff", ".woff2", ".ico", ".icns"))
    ] == []


def test_the_rules_find_what_they_look_for() -> None:
    assert UNFINISHED.search("# TO" + "DO later")
    assert SKIPPED.search("@pytest.mark.ski" + "p")
    assert BARE_IGNORE.search("x = 1  # type: igno" + "re")
    assert not BARE_IGNORE.search("x = 1  # type: igno" + "re[arg-type]")
    assert MACHINE.search("see /root" + "/x")


def test_what_is_cited_from_the_design_stands_there() -> None:
    """A docstring that names a rule's source must lead to it."""
    titles = set(re.findall(r"^#+ (.+)$", text("docs/design.md"), flags=re.MULTILINE))
    cited: dict[str, str] = {}
    for name in CODE:
        # A citation may run over a line, with the comment sign of its language between.
        joined = re.sub(r"\s*\n\s*(--|#)?\s*", " ", text(name))
        for found in re.finditer(r"docs/design\.md, ((?:\"[^\"]+\"(?: \([^)]*\))?(?:,? and |, )?)+)", joined):
            cited |= dict.fromkeys(re.findall(r'"([^"]+)"', found.group(1)), name)
    assert len(cited) > 10
    assert {title: name for title, name in cited.items() if title not in titles} == {}


def test_every_decision_is_in_their_list() -> None:
    pages = sorted(Path(name).name for name in FILES if re.match(r"docs/decisions/\d", name))
    listed = re.findall(r"\]\((\d[^)]+)\)", text("docs/decisions/README.md"))
    assert listed == pages
