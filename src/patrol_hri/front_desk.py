"""What visitors touch and hear: the kiosk's page, and lines said aloud."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping

from patrol_core.site.model import Site
from patrol_core.web.server import ListenError, PageServer
from patrol_hri.dialogue.reception import Reception
from patrol_hri.kiosk.app import create_app
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.kiosk.server import kiosk_server
from patrol_hri.kiosk.site_map import map_document
from patrol_hri.languages.catalogue import Language
from patrol_hri.speech import EspeakVoice, Voice

RETRY_S = 10.0
_log = logging.getLogger(__name__)


class FrontDesk:
    """Serves the page while it can. A page that cannot be served stops nothing else: it is said
    why, and tried again.
    """

    def __init__(self, site: Site, params: KioskParams, serve_page: bool, speak: bool) -> None:
        self._site, self._params = site, params
        self._serve_page, self._speak = serve_page, speak
        self._server: PageServer | None = None
        self._voice: Voice | None = None
        self._tried_s = -math.inf

    @property
    def is_wanted(self) -> bool:
        """Whether anything is to be served or said at all."""
        return self._serve_page or self._speak

    def keep_open(
        self,
        reception: Reception,
        languages: Mapping[str, Language],
        clock: Callable[[], float],
        now_s: float,
    ) -> None:
        """Open what is not open yet. `clock`: the time that the reception is told [s]."""
        if self._speak and self._voice is None:
            self._voice = EspeakVoice(frozenset(languages))
            if self._voice.problem:
                _log.warning("%s", self._voice.problem)
        if not self._serve_page or now_s - self._tried_s < RETRY_S:
            return
        self._tried_s = now_s
        if self._server is not None and self._server.alive:
            return
        map_of_site = map_document(self._site, self._site.visitors)
        app = create_app(reception, languages, map_of_site, self._params, clock, self._voice)
        server = kiosk_server(app, self._params)
        try:
            address = server.start()
        except ListenError as error:
            _log.warning("%s", error)
            return
        self._server = server
        _log.warning("visitors talk with the robot at %s", address)

    def say(self, text: str, language: str) -> None:
        """Have a line said aloud, where there is a voice."""
        if self._voice is not None:
            self._voice.say(text, language)

    def close(self) -> None:
        if self._server is not None:
            self._server.stop()
        if self._voice is not None:
            self._voice.close()
