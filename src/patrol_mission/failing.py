"""What follows when a stop of the route cannot be done: again, ask a person, or as the site says.

The order is retries, then the operator for a while, then the default of the element (or of its
route). What is tried a second time at the end of the lap is then left out for good.
"""

from __future__ import annotations

from patrol_core.result import ErrorCode
from patrol_core.site.elements import Otherwise
from patrol_mission.board import Board
from patrol_mission.run import Question, Rest

PASSING = (ErrorCode.BLOCKED, ErrorCode.STUCK, ErrorCode.NO_PATH, ErrorCode.GOAL_OCCUPIED)
"""Failures whose cause may have gone by the end of the lap."""


def fail(board: Board, code: ErrorCode, message: str) -> None:
    """The leg that is under way, or the stop at its end, could not be done."""
    run = board.active
    subject = run.stop_id
    told = f"{code.name.lower()}: {message}"
    care = run.on_failure
    run.tries += 1
    if run.second:
        leave_out(board, code, told)
    elif run.tries <= care.retries:
        board.record("element_retried", subject, f"try {run.tries + 1}, after {told}")
    elif care.ask_operator_s > 0.0:
        until_s = board.now_s + care.ask_operator_s
        run.question = Question(_ask(board, message), until_s, code)
        board.record(
            "operator_asked", subject, f"{run.question.text}, for {care.ask_operator_s:g} s"
        )
    else:
        settle(board, code, told)


def settle(board: Board, code: ErrorCode, told: str) -> None:
    """Nobody else decides: what the site says is done."""
    run = board.active
    subject = run.stop_id
    run.question = None
    match run.on_failure.otherwise:
        case Otherwise.PROCEED:
            leave_out(board, code, told)
        case Otherwise.RETURN_AND_RETRY_LATER if subject in run.came_home_for:
            leave_out(board, code, told)
        case Otherwise.RETURN_AND_RETRY_LATER:
            run.came_home_for.append(subject)
            run.tries, run.leg_progress = 0, 0
            until_s = board.now_s + board.params.retry_later_s
            rest = Rest(board.start_charge(run.care), until_s)
            run.go_home(f"'{subject}' is tried again later", code, rest)
            board.record("element_put_off", subject, told)
        case Otherwise.RETURN_AND_END:
            run.go_home(f"'{subject}' could not be done", code)
            board.record("patrol_broken_off", subject, told)
        case Otherwise.STOP_HERE:
            run.question = Question(_ask(board, told), code=code)
            board.record("stopped_here", subject, told)


def leave_out(board: Board, code: ErrorCode, told: str) -> None:
    """Go on without it; to be tried once more at the end of the lap if its cause may pass."""
    run = board.active
    checkpoint = run.leg.checkpoint
    subject = run.skip()
    if checkpoint is not None and code in PASSING and not run.second:
        run.missed.append(checkpoint)
        board.record("checkpoint_left_for_later", subject, told)
    else:
        board.record("checkpoint_skipped", subject, told)
    run.advance(board.now_s)
    count_failure(board, code)


def count_failure(board: Board, code: ErrorCode) -> None:
    """Legs that fail one after another show that something is wrong with the robot or the site;
    who stands where it wants to go, or skips a stop, shows nothing."""
    run = board.active
    if code in (ErrorCode.GOAL_OCCUPIED, ErrorCode.STOPPED_BY_OPERATOR):
        return
    run.failed_legs += 1
    if run.failed_legs >= board.params.failed_legs_to_return:
        run.go_home(f"{run.failed_legs} legs failed in a row", code)


def _ask(board: Board, message: str) -> str:
    return f"{board.active.stop_name} cannot be done ({message}): resume, skip or stop?"
