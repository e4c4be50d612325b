"""Where another version comes from: this repository's history, or an unpacked release."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from patrol_core.errors import Place
from ronda_cli.upgrade.releases import ENTRY, Releases, UpgradeError, write_manifest

_NAME_LETTERS = 12
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".releases", "runs", "__pycache__", "*_cache")


@dataclass(frozen=True, slots=True)
class Source:
    """`words`: what it is, for people; `put` lays the files into an empty folder."""

    words: str
    commit: str
    put: Callable[[Path], None]


def find_source(home: Path, wanted: str, say: Callable[[str], None]) -> Source:
    """What is meant by a tag, branch, commit or folder; nothing: the upstream of the checkout's
    branch. Raises UpgradeError."""
    folder = Path(wanted) if wanted else None
    if folder is not None and (folder / ENTRY).is_file():
        return _folder_source(folder.resolve())
    if not (home / ".git").exists():
        raise UpgradeError(
            f"'{wanted}' is no unpacked release, and this program is no git clone",
            place=Place(home), expected="a folder with the program 'ronda' in it",
            remedy="unpack the release, and give its folder",
        )  # fmt: skip
    return _git_source(home, wanted, say)


def unpack(releases: Releases, source: Source) -> Path:
    """The release's folder, made whole or not at all. Raises UpgradeError, OSError."""
    if source.commit and releases.path(source.commit[:_NAME_LETTERS]).is_dir():
        return releases.path(source.commit[:_NAME_LETTERS])
    begun = releases.path("unpacking")
    shutil.rmtree(begun, ignore_errors=True)
    begun.mkdir()
    source.put(begun)
    if not (begun / ENTRY).is_file():
        raise UpgradeError(f"{source.words} has no program '{ENTRY}'", remedy="name another one")
    digest = write_manifest(begun, source.words)
    folder = releases.path((source.commit or digest)[:_NAME_LETTERS])
    if not folder.is_dir():
        begun.rename(folder)
    return folder


def _folder_source(folder: Path) -> Source:
    def put(to: Path) -> None:
        shutil.copytree(folder, to, symlinks=True, ignore=_LEFT_OUT, dirs_exist_ok=True)

    return Source(folder.name, "", put)


def _git_source(home: Path, wanted: str, say: Callable[[str], None]) -> Source:
    if git(home, "remote"):
        say("asking the repository what there is")
        try:
            git(home, "fetch", "--quiet", "--tags", "--all")
        except UpgradeError as error:
            say(f"going by what is known here: {error.problem}")
    commit = _commit(home, wanted)
    about = git(home, "log", "-1", "--format=%h %cs %s", commit)

    def put(to: Path) -> None:
        command = ["git", "-C", str(home), "archive", "--format=tar", commit]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE) as archive,
            tarfile.open(fileobj=archive.stdout, mode="r|") as packed,
        ):
            # Python has had filters since 3.10.12 and 3.11.4 (PEP 706).
            packed.extraction_filter = getattr(tarfile, "data_filter", None)
            packed.extractall(to)  # noqa: S202 - git packs what it would check out
        if archive.returncode != 0:
            raise UpgradeError(f"git cannot read all of {about}", remedy="git fsck")

    return Source(f"{wanted or 'upstream'}: {about}", commit, put)


def _commit(home: Path, wanted: str) -> str:
    """A tag goes before the newest of a remote's branch, and that before the one known here."""
    remotes = git(home, "remote").split()
    names = [f"refs/tags/{wanted}", *(f"refs/remotes/{name}/{wanted}" for name in remotes), wanted]
    for name in names if wanted else ["@{upstream}"]:
        try:
            return git(home, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        except UpgradeError:
            continue
    raise UpgradeError(
        f"there is no version '{wanted}'" if wanted else "this branch has no upstream",
        expected="a tag, a branch, a commit, or the folder of an unpacked release",
        remedy="'git tag' and 'git branch -a' list what there is: ./ronda upgrade NAME",
    )


def git(home: Path, *words: str) -> str:
    """What git says. Raises UpgradeError."""
    done = subprocess.run(["git", "-C", home, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or f"status {done.returncode}").splitlines()[-1]
        raise UpgradeError(f"git {words[0]}: {last}")
    return done.stdout.strip()
