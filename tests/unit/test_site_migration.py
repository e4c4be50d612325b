"""Sites of the first format become readable, keep their comments, and can be put back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulated import ROOT

from patrol_core.errors import ConfigError, RondaError
from patrol_core.site.history import HISTORY, History
from patrol_core.site.loader import SiteError, check_site, load_site
from patrol_core.site.migrating import migrated
from patrol_core.site.site_format import FORMAT
from ronda_cli.site_migration import migrate_site, undo_migration

SITE, ZONES = "site.yaml", "zones.geojson"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The yard as the first programs wrote it: no number, and checkpoints with actions."""
    folder = tmp_path / "yard"
    shutil.copytree(ROOT / "sites" / "yard", folder, ignore=shutil.ignore_patterns(HISTORY))
    change(folder / SITE, "format: 2\n", "")
    change(folder / ZONES, '"dwell_s": 3}', '"dwell_s": 3, "actions": ["photo"]}')
    return folder


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_site_of_the_first_format_is_refused_with_what_to_do(folder: Path) -> None:
    first, *others = check_site(folder).problems
    assert "format 1" in str(first) and "site migrate NAME" in first.remedy
    assert len(others) == 2 and all("'actions'" in str(problem) for problem in others)


def test_a_migration_says_what_it_changes_and_changes_nothing_else(folder: Path) -> None:
    shipped = {name: (ROOT / "sites" / "yard" / name).read_text("utf-8") for name in (SITE, ZONES)}
    lines, problems = migrate_site(History(folder), folder, dry=False)
    assert not problems
    assert lines[0].startswith("zones.geojson:34: checkpoint 'gate' loses 'actions' ([photo])")
    assert lines[2:] == [
        "site.yaml: format 1 becomes 2",
        "version 2; back to version 1: ./ronda site migrate NAME --undo",
    ]
    assert History(folder).files() == shipped
    assert load_site(folder).checkpoints
    assert migrate_site(History(folder), folder, dry=False)[0] == [
        f"{folder} has format {FORMAT}: nothing to do"
    ]


def test_a_dry_run_shows_the_lines_and_leaves_no_trace(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    lines, problems = migrate_site(History(folder), folder, dry=True)
    assert not problems and lines[-1] == "nothing was changed"
    assert "\n+format: 2\n" in lines[-2]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_migration_is_undone_unless_the_site_has_changed_since(folder: Path) -> None:
    history = History(folder)
    before = history.files()
    migrate_site(history, folder, dry=False)
    undo_migration(history, folder, dry=False)
    assert history.files() == before and history.numbers() == [1, 2, 3]
    migrate_site(history, folder, dry=False)
    change(folder / SITE, "speed_mps: 0.8", "speed_mps: 0.6")
    with pytest.raises(ConfigError, match="not made by a migration"):
        undo_migration(history, folder, dry=False)
    assert "speed_mps: 0.6" in history.files()[SITE]


def test_what_would_be_wrong_after_a_migration_is_told_and_nothing_is_done(folder: Path) -> None:
    change(folder / SITE, "timezone: Europe/Berlin", "timezone: Europe/Berlim")
    before = (folder / ZONES).read_bytes()
    lines, problems = migrate_site(History(folder), folder, dry=False)
    assert "nothing was changed" in lines[0] and "Berlim" in str(problems[0])
    assert (folder / ZONES).read_bytes() == before and not History(folder).is_begun


def test_a_newer_site_is_refused_with_both_numbers(folder: Path) -> None:
    change(folder / SITE, "name: Yard", "format: 7\nsurprise: 1\nname: Yard")
    with pytest.raises(SiteError, match=rf"format 7.*reads format {FORMAT}") as caught:
        load_site(folder)
    assert len(caught.value.problems) == 1 and "upgrade" in caught.value.remedy
    with pytest.raises(ConfigError, match="format 7"):
        migrate_site(History(folder), folder, dry=False)


def test_line_ends_indentation_and_flow_style_stay(folder: Path) -> None:
    zones = (folder / ZONES).read_text("utf-8")
    for text, new in (
        ("# a\r\nname: X\r\n", "# a\r\nformat: 2\r\nname: X\r\n"),
        ("  name: X\n  # b\n", "  format: 2\n  name: X\n  # b\n"),
        ("{name: X}\n", "{name: X, format: 2}\n"),
        ("name: X\nformat: 1  # old\n", "name: X\nformat: 2  # old\n"),
    ):
        assert migrated({SITE: text, ZONES: zones}, folder).files[SITE] == new


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_damaged_texts_are_refused_or_migrated_but_never_crash(data: st.DataObject) -> None:
    texts = {name: (ROOT / "sites" / "yard" / name).read_text("utf-8") for name in (SITE, ZONES)}
    texts[SITE] = texts[SITE].replace("format: 2\n", "")
    for name, text in list(texts.items()):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(at + 40, len(text))))
        middle = data.draw(st.text('{}[]:,"-# \n\tformat12actions', max_size=12))
        texts[name] = text[:at] + middle + text[end:]
    try:
        done = migrated(texts, Path("yard"))
    except RondaError:
        return
    assert done.before == FORMAT or migrated(done.files, Path("yard")).before == FORMAT
