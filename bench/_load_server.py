"""A kiosk for `bench/load.py`, in a process of its own: tells its address, ends with its input."""

from __future__ import annotations

import secrets
import sys
import time

from patrol_core.geometry import Pose2
from patrol_core.site import load_site
from patrol_hri.dialogue.building import make_mind
from patrol_hri.dialogue.memory import Memory, site_date
from patrol_hri.dialogue.mind import Surroundings
from patrol_hri.dialogue.params import DialogueParams
from patrol_hri.dialogue.reception import Reception
from patrol_hri.kiosk.app import create_app
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.kiosk.server import kiosk_server
from patrol_hri.kiosk.site_map import map_document
from patrol_hri.wayfinding import WayFinder
from ronda_cli.environment.paths import ROOT


def main() -> None:
    site = load_site(ROOT / "sites" / sys.argv[1])
    finder = WayFinder(site)
    mind = make_mind(site, finder, None)
    finder.prepare(mind.local_time(time.time()))
    memory = Memory(None, 1, site_date(site.timezone))
    reception = Reception(mind, DialogueParams(), lambda: secrets.token_urlsafe(16), memory)
    first = site.visitors.places[0].at_m if site.visitors else (0.0, 0.0)
    reception.set_surroundings(Surroundings(Pose2(*first, 0.0), can_guide=True))
    session = reception.open("kiosk", time.time(), "en")
    reception.hear(session, "How do I get to the office?", time.time())  # reads the network
    reception.close(session, time.time())
    params = KioskParams(port=0)
    site_map = map_document(site, site.visitors)
    server = kiosk_server(
        create_app(reception, mind.languages, site_map, params, time.time), params
    )
    print(server.start(), flush=True)
    sys.stdin.read()
    server.stop()


if __name__ == "__main__":
    main()
