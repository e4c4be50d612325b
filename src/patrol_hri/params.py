"""Parameters of the visitors' process."""

from __future__ import annotations

from dataclasses import dataclass, field

from patrol_core.params import param
from patrol_hri.dialogue.building import MindParams
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.greeting import GreetingParams
from patrol_hri.guiding.params import GuideParams
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.statements.params import StoreParams
from patrol_hri.staying import StayingParams


@dataclass(frozen=True, slots=True)
class VisitorsParams:
    """Of everything that visitors meet."""

    serve_page: bool = param(False, "Whether the kiosk page is served")
    speak: bool = param(False, "Whether lines are said aloud on the robot, by espeak-ng")
    dialogue: DialogueParams = field(default_factory=DialogueParams)
    mind: MindParams = field(default_factory=MindParams)
    statements: StoreParams = field(default_factory=StoreParams)
    kiosk: KioskParams = field(default_factory=KioskParams)
    greeting: GreetingParams = field(default_factory=GreetingParams)
    guide: GuideParams = field(default_factory=GuideParams)
    staying: StayingParams = field(default_factory=StayingParams)
