"""All conversations at once: the one door through which front ends talk with the robot."""

from __future__ import annotations

import contextlib
import math
import threading
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from patrol_core.types.dialogue import DialogueEvent, DialogueKind, OperatorLine, OperatorVerb
from patrol_hri.dialogue.authority import State
from patrol_hri.dialogue.conversation import Conversation
from patrol_hri.dialogue.memory import Memory
from patrol_hri.dialogue.mind import Mind, Surroundings
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.errors import ReceptionFullError, StatementStoreError, UnknownSessionError
from patrol_hri.turn import Act, ActKind, Line, Reply, Speaker

_T = TypeVar("_T")
EXPIRE_PERIOD_S = 3600.0
_SMALL = frozenset({DialogueKind.OPENED, DialogueKind.CLOSED, DialogueKind.LINE})
"""Events that go first when too many wait."""


class Reception:
    """Conversations by id, under one lock: every method may be called from any thread.

    `new_id` makes the ids of conversations, which nobody may guess: `secrets.token_urlsafe` but in
    tests. A flood of conversations ends those in which nobody has said anything, then the ones
    that have been silent longest; never one in which somebody may be in need.
    """

    def __init__(
        self, mind: Mind, params: DialogueParams, new_id: Callable[[], str], memory: Memory
    ) -> None:
        self._mind, self._params, self._new_id, self._memory = mind, params, new_id, memory
        self._lock = threading.RLock()
        self._talks: dict[str, Conversation] = {}
        self._front_ends: dict[str, str] = {}
        self._around = Surroundings()
        self._events: deque[DialogueEvent] = deque()
        self._acts: deque[Act] = deque()
        self._heard_s: dict[str, float] = {}
        self._expired_s = -math.inf

    def open(self, front_end: str, now_s: float, language: str = "") -> str:
        """Begin a conversation: its id. `front_end`: one of few names, for the counts;
        `language`: code of the front end's, or empty.

        Raises ReceptionFullError where there is no room.
        """
        with self._lock:
            if len(self._talks) >= self._params.max_sessions:
                self._make_room(now_s)
            session_id = self._new_id()
            self._talks[session_id] = Conversation(
                session_id, self._mind, self._params, now_s, language
            )
            self._front_ends[session_id] = front_end
            self._collect(session_id, now_s)
            return session_id

    def hear(self, session_id: str, text: str, now_s: float) -> Reply:
        """What the robot answers to a sentence; empty while a human has the conversation.

        Raises UnknownSessionError, as all do that are given an id.
        """
        with self._lock:
            reply = self._talk(session_id).hear(text, now_s, self._around)
            self._heard_s[self._front_ends[session_id]] = now_s
            for act in reply.acts:
                _push(self._acts, act, _rank_of_act, self._params.max_waiting)
            self._collect(session_id, now_s)
            return reply

    def heard_s(self, front_end: str) -> float:
        """When a visitor said something there last; minus infinity for never."""
        with self._lock:
            return self._heard_s.get(front_end, -math.inf)

    def lines(self, session_id: str, after: int = 0) -> tuple[Line, ...]:
        """What was said, from the line after that number on."""
        with self._lock:
            return self._talk(session_id).lines(after)

    def holder(self, session_id: str) -> Speaker:
        """Who answers: ROBOT or OPERATOR."""
        with self._lock:
            return self._talk(session_id).holder

    def close(self, session_id: str, now_s: float) -> None:
        """The visitor has left."""
        with self._lock:
            self._talk(session_id).end("left", now_s)
            self._collect(session_id, now_s)

    def tell(self, session_id: str, text: str, now_s: float) -> None:
        """Something that another part of the robot says to this visitor: who walks ahead."""
        with self._lock:
            self._talk(session_id).tell(text, now_s)
            self._collect(session_id, now_s)

    def operator(self, line: OperatorLine, now_s: float) -> None:
        """A human's part. Raises UnknownSessionError where the visitor has gone meanwhile."""
        with self._lock:
            if line.verb is OperatorVerb.ANNOUNCE:
                for talk in self._talks.values():
                    talk.announce(line.text, now_s)
            elif line.verb is OperatorVerb.TAKE:
                self._talk(line.session_id).take(now_s)
            elif line.verb is OperatorVerb.SAY:
                self._talk(line.session_id).operator_says(line.text, now_s)
            else:
                self._talk(line.session_id).release(now_s)
            for session_id in list(self._talks):
                self._collect(session_id, now_s)

    def take_events(self) -> tuple[DialogueEvent, ...]:
        """What has happened since this was last asked, oldest first."""
        with self._lock:
            taken = tuple(self._events)
            self._events.clear()
            return taken

    def take_acts(self) -> tuple[Act, ...]:
        """What is to be done since this was last asked, oldest first."""
        with self._lock:
            taken = tuple(self._acts)
            self._acts.clear()
            return taken

    def set_surroundings(self, surroundings: Surroundings) -> None:
        """How it is about the robot now."""
        with self._lock:
            self._around = surroundings

    def step(self, now_s: float) -> None:
        """What goes on without words; ends conversations that are silent or too old."""
        with self._lock:
            for session_id, talk in list(self._talks.items()):
                talk.step(now_s, self._around)
                if now_s - talk.began_s >= self._params.max_age_s and not talk.is_needed:
                    talk.end("too old", now_s)
                self._collect(session_id, now_s)
            self._memory.step(now_s)
            if now_s - self._expired_s >= EXPIRE_PERIOD_S:
                self._expired_s = now_s
                self._expire(now_s)

    def _expire(self, now_s: float) -> None:
        """Delete statements whose time is over; a disk that fails is tried again in an hour."""
        if self._mind.statements is not None:
            with contextlib.suppress(StatementStoreError):
                self._mind.statements.expire(now_s + self._mind.epoch_s)

    def save(self) -> None:
        """Write what is counted: before the host ends."""
        with self._lock:
            self._memory.write()

    def _talk(self, session_id: str) -> Conversation:
        talk = self._talks.get(session_id)
        if talk is None:
            raise UnknownSessionError(
                "there is no such conversation, or it has ended",
                expected="the id of an open one", remedy="open a new one",
            )  # fmt: skip
        return talk

    def _make_room(self, now_s: float) -> None:
        free = [
            (talk.intents.total() > 0, talk.last_s, session_id)
            for session_id, talk in self._talks.items()
            if not talk.is_needed
        ]
        if not free:
            raise ReceptionFullError(
                f"{len(self._talks)} conversations are open, and all are needed",
                remedy="try again in a minute",
            )
        _, _, session_id = min(free)
        self._talks[session_id].end("displaced", now_s)
        self._collect(session_id, now_s)

    def _collect(self, session_id: str, now_s: float) -> None:
        """Take over what a conversation has to tell; one that has ended is forgotten."""
        talk = self._talks[session_id]
        for event in talk.take_events():
            _push(self._events, event, _rank_of_event, self._params.max_waiting)
        if talk.state is State.ENDED:
            del self._talks[session_id]
            self._memory.count(
                now_s, talk.intents, talk.language, talk.outcome, self._front_ends.pop(session_id)
            )


def _rank_of_event(event: DialogueEvent) -> int:
    if event.kind is DialogueKind.EMERGENCY:
        return 2
    return int(event.kind not in _SMALL)


def _rank_of_act(act: Act) -> int:
    return int(act.kind is ActKind.ALERT)


def _push(queue: deque[_T], item: _T, rank: Callable[[_T], int], most: int) -> None:
    """Append; when too many wait, the oldest of those that matter least goes."""
    queue.append(item)
    if len(queue) > most:
        del queue[min(range(len(queue)), key=lambda index: (rank(queue[index]), index))]
