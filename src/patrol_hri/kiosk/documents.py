"""What the page is told, as JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from patrol_hri.kiosk.desk import PageLanguage
from patrol_hri.kiosk.params import KioskParams
from patrol_hri.turn import ActKind, Line, Reply, Speaker, Way

Document = dict[str, Any]
TEXT_PREFIX = "kiosk_"


def start_document(languages: Mapping[str, PageLanguage], params: KioskParams) -> Document:
    """What the first screen shows."""
    return {
        "languages": [
            {"code": language.code, "name": language.name, "direction": language.direction}
            for language in languages.values()
        ],
        "phone": bool(params.phone_address),
        "silence_s": params.silence_s,
        "silence_warning_s": params.silence_warning_s,
    }


def language_document(language: PageLanguage) -> Document:
    """The page's own words in one language."""
    texts = {k: v for k, v in language.texts.items() if k.startswith(TEXT_PREFIX)}
    return {"code": language.code, "direction": language.direction, "texts": texts}


def update_document(lines: Iterable[Line], holder: Speaker) -> Document:
    """New lines, and who answers. Stamps stay with the robot."""
    return {
        "lines": [
            {"number": line.number, "speaker": line.speaker.value, "text": line.text}
            for line in lines
        ],
        "holder": holder.value,
    }


def reply_document(reply: Reply) -> Document:
    """What belongs to an answer beside its lines. `guided`: the robot walks ahead from now on,
    or no longer; None where nothing changes. What else it sets off is not told.
    """
    kinds = {act.kind for act in reply.acts}
    changes = kinds & {ActKind.GUIDE, ActKind.STOP_GUIDE}
    return {
        "text": reply.text,
        "language": reply.language,
        "sourced": bool(reply.source),
        "choices": list(reply.choices),
        "way": None if reply.way is None else way_document(reply.way),
        "guided": ActKind.GUIDE in kinds if changes else None,
        "ends": reply.ends,
    }


def way_document(way: Way) -> Document:
    """A way; metres to a decimetre, as nobody sees more."""
    return {
        "place": way.place_id,
        "points": [[round(float(x), 1), round(float(y), 1)] for x, y in way.points_m],
        "length_m": round(float(way.length_m)),
        "duration_s": round(float(way.duration_s)),
        "step_free": way.step_free,
        "steps": list(way.steps),
    }
