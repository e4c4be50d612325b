"""After a power cut or a crash: what was under way is taken up, or a person is asked first."""

from __future__ import annotations

import logging

from patrol_core.site.model import Site
from patrol_core.topics import LOCALIZATION_STATUS
from patrol_core.types.mission import NavigateGoal
from patrol_core.types.status import LocalizationLevel
from patrol_mission.board import Board
from patrol_mission.journal import Journal, JournalError, Kept
from patrol_mission.planned import Planner
from patrol_mission.run import Question

_SURE_WITHIN_S = 60.0
"""What was kept longer ago may have changed meanwhile: the robot may have been carried."""
_SURE_WITHIN_M = 3.0
_ASK_AFTER_S = 10.0
"""The other processes may start anew, too: so long they are waited for."""
_KEEP_EVERY_S = 2.0
_ANEW = "the mission was started anew: resume, skip or stop?"
_log = logging.getLogger(__name__)


class TakingUp:
    """Keeps the board's patrol in the journal, and takes it up from there.

    It goes on by itself only where that is sure: in the same run of the system, on the same site,
    within a minute, with a good localisation near the place where it was.
    """

    def __init__(self, journal: Journal | None, epoch_s: float) -> None:
        self._journal, self._epoch_s = journal, epoch_s
        self._kept: Kept | None = None
        self._began_s: float | None = None
        self._kept_s = float("-inf")
        self._told_events = 0
        self._failed = False

    def recall(self) -> int:
        """Read the journal; which life of the mission this is, from 1."""
        if self._journal is None:
            return 1
        try:
            self._kept = self._journal.recall()
        except (JournalError, OSError) as error:
            _log.warning("what was under way is not known: %s", error)
            self._journal.put_aside()
        return self._journal.begin_life(self._kept)

    def heed(self, site: Site) -> None:
        """As `Journal.heed`."""
        if self._journal is not None:
            self._journal.heed(site)

    def restore(self, board: Board, planner: Planner | None) -> None:
        """Put what was under way on the board, standing still for the time being."""
        kept, journal = self._kept, self._journal
        if kept is None or journal is None:
            return
        board.energy.take_over(kept.per_m, kept.per_s)
        board.calls = journal.calls_of(kept)
        if kept.run is None:
            return
        try:
            run = journal.run_of(kept.run, planner)
        except JournalError as error:
            _log.warning("patrol %s is given up: %s", kept.run.patrol_id, error)
            return
        if run.question is None:
            run.question = Question(_ANEW, unsure=True)
        board.run = run

    def step(self, board: Board) -> None:
        """Go on if that is sure; after a while without being sure, say why."""
        run, kept = board.run, self._kept
        if run is None or kept is None or run.question is None or not run.question.unsure:
            return
        if self._began_s is None:
            self._began_s = board.now_s
        doubt = self._doubt(board, kept)
        if not doubt:
            run.question = None
            board.record("patrol_taken_up", run.route_id, "the mission was started anew")
        elif board.now_s - self._began_s >= _ASK_AFTER_S and doubt not in run.question.text:
            self._stop(board)
            run.question = Question(f"{doubt}; {_ANEW}", unsure=True)
            board.record("patrol_unsure", run.route_id, doubt)

    def _doubt(self, board: Board, kept: Kept) -> str:
        """Why it is not sure that what was kept still holds; empty if it is."""
        assert self._journal is not None
        if not self._journal.is_of_this_run(kept):
            return "the whole robot, or another site, was started since"
        if not 0.0 <= board.now_s + self._epoch_s - kept.stamp_s < _SURE_WITHIN_S:
            return "it is not known how long it was away"
        status = board.inputs.fresh(LOCALIZATION_STATUS, board.now_s)
        pose = board.pose
        if status is None or pose is None or status.level is not LocalizationLevel.GOOD:
            return "it is not sure where the robot is"
        if kept.pose is None or pose.distance_to(kept.pose) > _SURE_WITHIN_M:
            return "the robot is elsewhere than it was"
        return ""

    def _stop(self, board: Board) -> None:
        """A goal of the earlier life may still be driven: one to where the robot is ends it."""
        if board.pose is not None and not board.at_dock():
            goal = NavigateGoal(board.navigate.new_id(), board.pose)
            board.navigate.send(goal, board.outputs, board.now_s)

    def keep_if_changed(self, board: Board) -> None:
        """At once when something was decided, else now and then."""
        decided = board.recorded != self._told_events
        if decided or board.now_s - self._kept_s >= _KEEP_EVERY_S:
            self._told_events = board.recorded
            self.keep(board)

    def keep(self, board: Board) -> None:
        """A disk that is full, or gone, does not stop a patrol; it is told once."""
        if self._journal is None:
            return
        self._kept_s = board.now_s
        try:
            self._journal.keep(board.run, board.calls, board.pose, board.energy, board.now_s)
            self._failed = False
        except OSError as error:
            if not self._failed and board.run is not None:
                board.record("journal_failed", "journal", f"cannot be written: {error}")
                self._told_events = board.recorded
            self._failed = True
