"""Operators at work on a console whose processes are killed: is all that was shown stored, once?

Run as a program: `_alerts_kills.py FOLDER KILLS SEED`; it prints a JSON object.

Three operators, each with causes of his own, ask over HTTP as the page does; between their acts
the robot sees their causes again. SIGKILL meets the records, the console, or both, at a random
moment, every fourth time also while they start. Then everything is asked for and held against
`_alerts_model.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from _alerts_model import BECOMES, SEEN, SEEN_LATER, VERDICTS, Deed, Place
from _alerts_processes import RUN
from _alerts_rig import Rig

from patrol_core.types.perception import Finding, FindingKind
from patrol_core.unstored import REPEAT_S
from patrol_records.log.store import LogStore
from patrol_records.log.verifying import verify_log

OPERATORS, PLACES = 3, 4
WORK_S, STARTING_S, LOGGED_WITHIN_S = 1.0, 0.4, 120.0
TARGETS = (("records",), ("console",), ("records", "console"))
_APART_M, _LATER_S, _SHELVED_S = 5.0, 1000.0, 8 * 3600.0
_DEEDS = (*BECOMES, "shelve", *VERDICTS, SEEN, SEEN_LATER)
_REST_S = 0.1
"""Before an operator asks again who was not answered."""


@dataclass(slots=True)
class KillCount:
    """`shown`: acts and verdicts that the console has said are stored; `confirmed_late`: those of
    them that were under way when the records were killed. `refused`: answered, but not done;
    `unanswered`: the console died. `seen`: incidents that the robot was told are stored. Of all
    that was shown: `lost`, `twice`, `unknown`, `wrong` (states). `stored`: acts and verdicts that
    were there at the end, `not_logged` those of them that are not in the log once.
    """

    kills: int = 0
    shown: int = 0
    confirmed_late: int = 0
    refused: int = 0
    unanswered: int = 0
    seen: int = 0
    looked: int = 0
    lost: int = 0
    twice: int = 0
    unknown: int = 0
    wrong: int = 0
    stored: int = 0
    not_logged: int = 0
    log_is_sound: bool = False
    away_s: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Operator:
    """Works on causes of his own until the time is up; his acts are one after the other."""

    def __init__(self, rig: Rig, number: int, seed: int, count: KillCount) -> None:
        self._rig, self._number, self._count = rig, number, count
        self._rng = np.random.default_rng((seed, number))
        self._done = 0
        self.places = [Place() for _ in range(PLACES)]
        self.killed = threading.Event()
        for number_here, place in enumerate(self.places):
            self._sees(place, number_here, later=False)

    def work(self, until_s: float) -> None:
        while time.monotonic() < until_s:
            which = int(self._rng.integers(PLACES))
            what = _DEEDS[int(self._rng.integers(len(_DEEDS)))]
            place = self.places[which]
            if what in (SEEN, SEEN_LATER):
                self._sees(place, which, later=what == SEEN_LATER)
            else:
                self._does(place, what)

    def _sees(self, place: Place, which: int, *, later: bool) -> None:
        """The robot sees the cause; long after all that was done about it, or long before."""
        self._done += 1
        now_s = time.time()
        first_s = now_s + (_LATER_S if later else -_LATER_S)
        x_m = -40.0 + _APART_M * (which + PLACES * self._number)
        finding = Finding(
            f"{self._number}-{self._done}", 1, first_s, FindingKind.OBJECT,
            x_m + float(self._rng.uniform(-0.3, 0.3)), -36.0, 0.4, 0.3, 0.9, first_s,
            "An object stands where the map shows free ground.", (),
        )  # fmt: skip
        place.incidents.append(self._rig.see(finding))
        place.deeds.append(Deed(SEEN_LATER if later else SEEN, "", place.incidents[-1], True))
        self._count.seen += 1

    def _does(self, place: Place, what: str) -> None:
        self._done += 1
        deed = Deed(what, f"{what} {self._number}.{self._done}", place.incidents[-1])
        is_act = what not in VERDICTS
        body: dict[str, Any] = {"act" if is_act else "verdict": what, "why": deed.word}
        if what == "shelve":
            body["for_s"] = _SHELVED_S
        kind = "acts" if is_act else "verdicts"
        self.killed.clear()
        status, answer = self._rig.ask(
            "POST", f"/robots/ronda/incidents/{deed.incident}/{kind}", body
        )
        if status == 200:
            self._count.shown += 1
            self._count.confirmed_late += self.killed.is_set()
            deed.sure = True
            place.deeds.append(deed)
            if not place.open_question:
                self.note(place, answer)
            return
        if status == 409:
            deed.sure = False
        place.deeds.append(deed)
        self._count.unanswered += status == 0
        self._count.refused += status != 0
        time.sleep(_REST_S)

    def note(self, place: Place, document: dict[str, Any]) -> None:
        """Hold what is shown of a place against what was done."""
        self._count.looked += 1
        for kind, times in place.faults(document).items():
            if times:
                setattr(self._count, kind, getattr(self._count, kind) + times)
                shown = {key: document[key] for key in ("state", "verdict", "count", "history")}
                self._count.faults.append(f"{kind}: {place.standing()}, {place.deeds}: {shown}")

    def look(self) -> None:
        """Ask for everything."""
        for place in self.places:
            path = f"/robots/ronda/incidents/{place.incidents[-1]}"
            status, document = self._rig.ask("GET", path)
            if status != 200:
                self._count.lost += 1
                self._count.faults.append(f"{path} answers {status}")
                continue
            place.settle(document)
            self.note(place, document)


def run_kills(folder: Path, kills: int, seed: int) -> KillCount:
    """In a program of its own, so that its processes begin with little. Raises SubprocessError."""
    command = [sys.executable, __file__, str(folder), str(kills), str(seed)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return KillCount(**json.loads(done.stdout.splitlines()[-1]))


def kill_and_look(folder: Path, kills: int, seed: int) -> KillCount:
    """At least so many kills; what became of what was shown."""
    rng, count = np.random.default_rng((seed, 99)), KillCount()
    rig = Rig(folder)
    try:
        rig.sign_in()
        operators = [Operator(rig, number, seed, count) for number in range(OPERATORS)]
        trial = 0
        while count.kills < kills:
            _one_kill(rig, operators, trial, rng, count)
            trial += 1
            if trial % 10 == 0:
                told = f"{count.kills} of {kills} kills: {count.shown} acts shown as stored\n"
                sys.stderr.write(told)
        _settle_log(rig, operators, count)
    finally:
        rig.close()
    return count


def _one_kill(
    rig: Rig, operators: Sequence[Operator], trial: int, rng: np.random.Generator,
    count: KillCount,
) -> None:  # fmt: skip
    until_s = time.monotonic() + WORK_S
    at_work = [threading.Thread(target=one.work, args=(until_s,)) for one in operators]
    for one in at_work:
        one.start()
    time.sleep(float(rng.uniform(0.1, WORK_S)))
    target = TARGETS[trial % len(TARGETS)]
    for operator in operators:
        operator.killed.set()
    rig.kill(target)
    killed_s = time.monotonic()
    rig.start(target)
    count.kills += 1
    if trial % 4 == 3:
        time.sleep(float(rng.uniform(0.0, STARTING_S)))
        rig.kill(target)
        rig.start(target)
        count.kills += 1
    for one in at_work:
        one.join()
    rig.until(lambda: rig.ask("GET", "/robots/ronda/incidents")[0] == 200)
    count.away_s.append(time.monotonic() - killed_s)
    for operator in operators:
        operator.look()


def _settle_log(rig: Rig, operators: Sequence[Operator], count: KillCount) -> None:
    """Is all that was done in the log, once the outbox is empty, and the log whole?

    A console that is started again says all the acts that it has kept, the oldest first.
    """
    words = [
        deed.word
        for operator in operators for place in operator.places for deed in place.deeds
        if deed.sure and deed.word
    ]  # fmt: skip
    count.stored = len(words)
    end_s = time.monotonic() + LOGGED_WITHIN_S
    while time.monotonic() < end_s and _not_once_in(rig.folder / RUN, words):
        time.sleep(REPEAT_S)
    rig.close()
    count.not_logged = _not_once_in(rig.folder / RUN, words)
    with LogStore(rig.folder / RUN, writable=False) as log:
        count.log_is_sound = not verify_log(log, None).problems


def _not_once_in(folder: Path, words: Sequence[str]) -> int:
    """How many of these reasons the log does not give for exactly one act that was asked."""
    with LogStore(folder, writable=False) as log:
        entries = [json.loads(kept.text) for kept in log.entries()]
    asked = [entry["data"]["details"] for entry in entries if entry["kind"] == "act"]
    times = Counter(details.rpartition(": ")[2] for details in asked)
    return sum(times[word] != 1 for word in words)


if __name__ == "__main__":
    found = kill_and_look(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(json.dumps(asdict(found)))
