"""The robot's dialogue in a terminal: the same reception as behind its screen."""

from __future__ import annotations

import secrets
import tempfile
import time
from pathlib import Path
from typing import TextIO

from patrol_core.errors import ConfigError, Place
from patrol_core.geometry import Pose2
from patrol_core.site import Site
from patrol_hri.dialogue.building import make_mind
from patrol_hri.dialogue.memory import Memory, site_date
from patrol_hri.dialogue.mind import Surroundings
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.dialogue.reception import Reception
from patrol_hri.errors import UnknownSessionError
from patrol_hri.statements.store import StatementStore
from patrol_hri.turn import Act, ActKind, Reply, Speaker
from patrol_hri.wayfinding.way_finder import WayFinder
from ronda_cli.environment.paths import ROOT

FOLDER = ROOT / "runs" / "talk"
_TOLD = {
    ActKind.ALERT: "the operator is alerted: {subject}: {text}",
    ActKind.CALL_HUMAN: "the operator is called: {text}",
    ActKind.GUIDE: "the robot walks ahead to: {subject}",
    ActKind.STOP_GUIDE: "the robot stops walking ahead",
    ActKind.REPORT: "the patrol is to have a look: {text}",
    ActKind.STATEMENT: "a statement is stored, until this ends",
    ActKind.DELETE: "a statement is deleted",
    ActKind.NOTICE: "the operator is told of: {subject}: {text}",
}


class Terminal:
    """One visitor at a terminal, or at the other end of a pipe."""

    def __init__(self, site: Site, language: str) -> None:
        """Raises ConfigError where nothing is known that visitors may be told."""
        if site.visitors is None or not site.visitors.places:
            raise ConfigError(
                "no place for visitors", place=Place(site.folder / "visitors.yaml"),
                expected="at least one under 'places'", remedy="see docs/SITES.md",
            )  # fmt: skip
        self._folder = tempfile.TemporaryDirectory(prefix="ronda-talk-")
        kept = Path(self._folder.name)
        self._store = StatementStore.open(kept, kept / "key", site.retention.statements_days)
        self._ways = WayFinder(site)
        mind = make_mind(site, self._ways, self._store)
        if language and language not in mind.languages:
            raise ConfigError(
                f"unknown language '{language}'", expected=f"one of {', '.join(mind.languages)}",
                remedy="choose one of them",
            )  # fmt: skip
        memory = Memory(None, 1, site_date(site.timezone))
        self._reception = Reception(
            mind, DialogueParams(), lambda: secrets.token_urlsafe(16), memory
        )
        first = site.visitors.places[0]
        self._pose = Pose2(*first.at_m, 0.0)
        self._language = language
        self._guided = ""
        self._seen = 0
        self._choices: tuple[str, ...] = ()

    def run(self, lines: TextIO) -> None:
        """Until the input ends."""
        session = self._open()
        while True:
            if lines.isatty():
                print("> ", end="", flush=True)
            line = lines.readline()
            if not line:
                return
            text = self._chosen(line.strip())
            if not text:
                continue
            if not lines.isatty():
                print(f"> {text}")
            session = self._say(session, text)

    def close(self) -> None:
        self._store.close()
        self._folder.cleanup()

    def _open(self) -> str:
        session = self._reception.open("terminal", time.time(), self._language)
        self._seen = 0
        self._new_lines(session)
        return session

    def _say(self, session: str, text: str) -> str:
        """One turn; the conversation that goes on then."""
        now_s = time.time()
        self._reception.set_surroundings(Surroundings(self._pose, True, self._guided))
        self._reception.step(now_s)
        try:
            self._new_lines(session)
        except UnknownSessionError:
            print("(the conversation has ended in silence; a new one begins)")
            session = self._open()
        reply = self._reception.hear(session, text, now_s)
        self._choices = reply.choices
        self._print(reply)
        for act in reply.acts:
            self._act(act)
        if not reply.ends:
            self._seen = self._reception.lines(session, self._seen)[-1].number
            return session
        print("(the conversation has ended; a new one begins)")
        return self._open()

    def _chosen(self, text: str) -> str:
        """The answer of that number, where it is one."""
        if text.isdecimal() and 0 < int(text) <= len(self._choices):
            return self._choices[int(text) - 1]
        return text

    def _new_lines(self, session: str) -> None:
        for line in self._reception.lines(session, self._seen):
            self._seen = line.number
            if line.speaker is not Speaker.VISITOR:
                print(line.text)

    def _print(self, reply: Reply) -> None:
        print(reply.text)
        if reply.source:
            print(f"(source: {reply.source})")
        if reply.way is not None:
            FOLDER.mkdir(parents=True, exist_ok=True)
            picture = FOLDER / f"way-{reply.way.place_id}.png"
            picture.write_bytes(self._ways.draw(reply.way))
            print(f"(the way is drawn in {picture.relative_to(ROOT)})")
        for number, choice in enumerate(reply.choices, 1):
            print(f"  [{number}] {choice}")

    def _act(self, act: Act) -> None:
        print(f"({_TOLD[act.kind].format(subject=act.subject, text=act.text)})")
        if act.kind is ActKind.GUIDE:
            self._guided = act.session_id
        elif act.kind is ActKind.STOP_GUIDE:
            self._guided = ""
