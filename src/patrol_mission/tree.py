"""The mission tree: what stands further left matters more, and interrupts the rest."""

from __future__ import annotations

from py_trees.behaviour import Behaviour
from py_trees.composites import Selector, Sequence
from py_trees.decorators import FailureIsSuccess, Retry

from patrol_mission import behaviours as leaf
from patrol_mission import homeward, standing
from patrol_mission.answering import AnswerCall, CallWaiting
from patrol_mission.board import Board
from patrol_mission.looking import LookAtFinding


def make_tree(board: Board) -> Behaviour:
    """The tree over `board`; FAILURE means that the robot could not get home.

    Interrupted leaves cancel their goals; progress is kept on the board, so that a branch that
    is entered again goes on where the patrol was.
    """
    patrol = Sequence(
        "patrol",
        memory=False,
        children=[
            leaf.UnderWay("under way", board),
            Selector(
                "on the way",
                memory=False,
                children=[
                    _answer(board),
                    standing.NotYet("not yet", board),
                    LookAtFinding("picture of a finding", board, board.navigate),
                    FailureIsSuccess("next leg anyway", _leg(board)),
                ],
            ),
        ],
    )
    return Selector(
        "mission",
        memory=False,
        children=[
            standing.Paused("paused", board),
            standing.Asking("a person is asked", board),
            standing.OutOfTouch("out of touch", board),
            standing.Inspecting("inspected for somebody else", board),
            patrol,
            _home(board),
        ],
    )


def _answer(board: Board) -> Behaviour:
    return Sequence(
        "a call",
        memory=True,
        children=[
            CallWaiting("somebody calls", board),
            leaf.Undock("leave the dock", board, board.dock),
            AnswerCall("go and look", board, board.inspect),
        ],
    )


def _leg(board: Board) -> Behaviour:
    return Sequence(
        "leg",
        memory=True,
        children=[
            leaf.Undock("undock", board, board.dock),
            leaf.JoinRoute("join the route", board, board.navigate),
            leaf.FollowLeg("follow the route", board, board.follow),
            leaf.FaceCheckpoint("face the checkpoint", board, board.navigate),
            leaf.Dwell("dwell", board),
        ],
    )


def _home(board: Board) -> Behaviour:
    attempt = Sequence(
        "return and dock",
        memory=True,
        children=[
            FailureIsSuccess(
                "back along the way come", homeward.GoBack("go back", board, board.follow)
            ),
            homeward.DriveHome("drive to the dock", board, board.navigate),
            homeward.DockOn("dock", board, board.dock),
        ],
    )
    tries = Retry("tries", child=attempt, num_failures=board.params.dock_attempts)
    return Sequence(
        "home", memory=True, children=[tries, homeward.RestOnDock("rest on the dock", board)]
    )
