"""One visitor's conversation: a sentence in, a reply out, and what it sets off."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from patrol_core.types.dialogue import DialogueEvent, DialogueKind
from patrol_hri.dialogue.authority import Move, Role, Rule, State, decide
from patrol_hri.dialogue.book import Book
from patrol_hri.dialogue.mind import Heard, Mind, Surroundings
from patrol_hri.dialogue.moves import MOVES, first_words
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.dialogue.talk import Answered, Talk, Turn
from patrol_hri.errors import ForbiddenActError
from patrol_hri.intents import Intent, Understood
from patrol_hri.statements.words import own_words
from patrol_hri.turn import Line, Reply, Speaker
from patrol_hri.understanding.text import normalize

_NOT_LAST = frozenset({Move.EMERGENCY, Move.REPEAT, Move.RELAY})


class Conversation:
    """State machine of one visitor. Time comes with every call; nothing is kept when it ends."""

    def __init__(
        self, session_id: str, mind: Mind, params: DialogueParams, now_s: float, language: str
    ) -> None:
        """`language`: code of the front end's, or empty: then the site's own."""
        self._mind, self._params = mind, params
        own = mind.visitors.language if mind.visitors else "en"
        spoken = mind.languages.get(language) or mind.languages.get(own) or mind.languages["en"]
        self._talk = Talk(session_id, params, spoken)
        self._known = language if language in mind.languages else ""
        self._book = Book(session_id, params.max_lines)
        self._is_asked = False
        self._operator_s = now_s
        self.began_s = self.heard_s = now_s
        self.intents: Counter[str] = Counter()
        self.outcome = ""
        self._book.event(DialogueKind.OPENED, now_s, self.language)
        words = first_words(self._talk)
        self._talk.offered = words.choices
        self._say(words.text, now_s)

    @property
    def state(self) -> State:
        return self._talk.state

    @property
    def language(self) -> str:
        """Code of the language that it is in."""
        return self._talk.language.code

    @property
    def holder(self) -> Speaker:
        """Who answers: the machine, or a human."""
        return Speaker.OPERATOR if self.state is State.OPERATOR else Speaker.ROBOT

    @property
    def is_needed(self) -> bool:
        """Whether somebody may be in need in it, or is in the middle of telling something."""
        talk = self._talk
        return (
            self.state is State.OPERATOR
            or talk.interview is not None
            or talk.wanted_s is not None
            or talk.guided_s is not None
        )

    @property
    def last_s(self) -> float:
        """When something was said last, by anybody."""
        return self._book.last_s

    def lines(self, after: int) -> tuple[Line, ...]:
        return self._book.lines(after)

    def take_events(self) -> tuple[DialogueEvent, ...]:
        return self._book.take_events()

    def hear(self, text: str, now_s: float, around: Surroundings) -> Reply:
        """Answer a sentence; it counts up to the longest that is taken in."""
        self.heard_s, self._is_asked = now_s, False
        text, _ = own_words(text, self._params.max_text)
        heard = self._understand(text, now_s, around)
        self._line(Speaker.VISITOR, text, now_s)
        self.intents[heard.intent.value] += 1
        rule = decide(Role.VISITOR, self.state, heard.intent)
        answered = MOVES[rule.move](Turn(self._mind, self._talk, heard))
        return self._reply(rule, heard, answered)

    def step(self, now_s: float, around: Surroundings) -> None:
        """What goes on without words: walks that have ended, humans who do not come, silence."""
        talk, params = self._talk, self._params
        self._end_guided(now_s, around)
        if self.state is State.OPERATOR:
            self._wait_for_operator(now_s)
        elif talk.wanted_s is not None and now_s - talk.wanted_s >= params.nobody_after_s:
            talk.wanted_s = None
            self._say(self._what_else("human_nobody"), now_s)
        self._end_silence(now_s)

    def take(self, now_s: float) -> None:
        """A human comes into the conversation; the visitor is told so."""
        self._operator_s = now_s
        if self.state is State.OPERATOR:
            return
        if self._talk.wanted_s is None:
            self._book.share(self.language)
        self._talk.state, self._talk.wanted_s, self._talk.offered = State.OPERATOR, None, ()
        self._say(self._talk.say("human_now"), now_s)

    def operator_says(self, text: str, now_s: float) -> None:
        """A human's words, as they are; who speaks without having come in comes in."""
        self.take(now_s)
        self.announce(text, now_s)

    def announce(self, text: str, now_s: float) -> None:
        """A human's words, to everybody perhaps."""
        words, _ = own_words(text, self._params.max_text)
        self._line(Speaker.OPERATOR, words, now_s)

    def release(self, now_s: float) -> None:
        """The human goes; the machine goes on where it was, and says so."""
        if self.state is State.OPERATOR:
            self._go_on("human_gone", now_s)

    def tell(self, text: str, now_s: float) -> None:
        """Something that another part of the robot says to this visitor."""
        self._say(text, now_s)

    def end(self, outcome: str, now_s: float) -> None:
        """It is over: `outcome` is all that is told of it."""
        self._talk.state, self.outcome = State.ENDED, outcome
        self._book.event(DialogueKind.CLOSED, now_s, self.language, outcome)

    def _understand(self, text: str, now_s: float, around: Surroundings) -> Heard:
        """What a sentence means. Touched answers mean what they were offered as; an emergency
        comes before anything else, in whatever language.
        """
        talk, plain = self._talk, normalize(text)
        meaning = talk.chosen(plain)
        if meaning is not None:
            return Heard(text, meaning, now_s, around)
        understood = self._mind.understander.understand(text, self._known)
        for language in self._mind.languages.values():
            if normalize(language.name) == plain:
                slots = {"language": language.code}
                understood = Understood(Intent.LANGUAGE, 1.0, language.code, slots=slots)
        kind = ""
        emergency = self._mind.emergencies.detect(text)
        if emergency is not None:
            kind, code = emergency.kind, emergency.language
            if any(emergency.phrase in some for some in talk.language.emergency.values()):
                code = self.language
            understood = replace(understood, intent=Intent.EMERGENCY, language=code)
        elif not talk.is_child and self._mind.children.heard(text):
            talk.is_child = True
            understood = replace(understood, intent=Intent.LOST_CHILD)
        talk.step_free |= understood.slots.get("step_free") == "yes"
        if understood.language in self._mind.languages:
            talk.language = self._mind.languages[understood.language]
            self._known = understood.language
        return Heard(text, understood, now_s, around, kind)

    def _reply(self, rule: Rule, heard: Heard, answered: Answered) -> Reply:
        """The reply; nothing leaves here that the rule does not grant."""
        talk = self._talk
        for act in answered.acts:
            if act.kind not in rule.acts:
                raise ForbiddenActError(f"{rule.move.value} wanted {act.kind.value}")
        talk.failures = talk.failures + 1 if answered.failed else 0
        talk.state = answered.state or talk.home
        talk.offered = answered.choices
        self._known = self.language
        reply = Reply(
            answered.text, answered.language or self.language, heard.intent, answered.source,
            tuple(choice.label for choice in answered.choices), answered.way, answered.acts,
            answered.ends,
        )  # fmt: skip
        if rule.move not in _NOT_LAST:
            talk.last = reply
        if answered.text:
            self._say(answered.text, heard.now_s)
        for act in answered.acts:
            self._book.act(act, self.language)
        if answered.ends:
            self.end("insult" if heard.intent is Intent.INSULT else "goodbye", heard.now_s)
        return reply

    def _end_guided(self, now_s: float, around: Surroundings) -> None:
        """A walk that has ended, or that has not begun in time."""
        talk = self._talk
        if talk.guided_s is None or around.guided_session == talk.session_id:
            return
        if now_s - talk.guided_s >= self._params.guide_start_s:
            talk.guided_s = None
            if talk.state is State.GUIDING:
                talk.state = talk.home
            self._say(talk.say("walk_over"), now_s)

    def _wait_for_operator(self, now_s: float) -> None:
        """A human who does not answer any more has gone: the machine takes over again."""
        unanswered = self.heard_s > self._operator_s
        if unanswered and now_s - self.heard_s >= self._params.nobody_after_s:
            self._go_on("human_silent", now_s)

    def _go_on(self, key: str, now_s: float) -> None:
        """The machine takes over again, where it was."""
        talk = self._talk
        parts = [self._what_else(key) if key == "human_silent" else talk.say(key)]
        if talk.interview is not None:
            step = talk.interview.resume()
            parts += [talk.say(name, **values) for name, values in step.say]
            talk.offered = tuple(talk.choice(name) for name in step.choices)
        self._say("\n".join(parts), now_s)
        talk.state = talk.home

    def _end_silence(self, now_s: float) -> None:
        """Asks once, then ends; while a human is awaited or a walk goes on, it only waits."""
        talk, quiet_s = self._talk, now_s - self._book.last_s
        if talk.wanted_s is not None or talk.guided_s is not None:
            return
        if self.state is State.OPERATOR:
            if quiet_s >= self._params.ask_after_s + self._params.end_after_s:
                self.end("silence", now_s)
        elif self._is_asked:
            if quiet_s >= self._params.end_after_s:
                self.end("silence", now_s)
        elif quiet_s >= self._params.ask_after_s:
            self._is_asked = True
            self._say(talk.say("still_there"), now_s)

    def _what_else(self, key: str) -> str:
        """A sentence, and where on this site somebody can be found."""
        talk, visitors = self._talk, self._mind.visitors
        parts = [talk.say(key)]
        for contact in visitors.contacts if visitors else ():
            own = visitors.language if visitors else ""
            name, where = (
                texts.get(self.language) or texts.get(own, "")
                for texts in (contact.names, contact.where)
            )
            parts.append(talk.say("contact_line", name=name, where=where))
        return "\n".join(parts)

    def _say(self, text: str, now_s: float) -> None:
        self._line(Speaker.ROBOT, text, now_s)

    def _line(self, speaker: Speaker, text: str, now_s: float) -> None:
        is_shared = self.state is State.OPERATOR or self._talk.wanted_s is not None
        self._book.line(speaker, text, now_s, self.language, is_shared)
