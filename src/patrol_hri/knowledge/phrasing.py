"""A local language model that may say an answer in other words. It decides nothing.

It is asked over an OpenAI-compatible address and gets the answer and the name of its language,
never what the visitor said: nobody can talk to it. What it says counts only if it says the same
(`faithful`); in every other case, and whenever it fails, the answer is given as it stands.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from patrol_core.errors import ConfigError
from patrol_hri.knowledge.asked import AskedWords
from patrol_hri.knowledge.faithful import says_the_same
from patrol_hri.knowledge.params import PhrasingParams

MAX_BYTES = 16384
MAX_READS = 64
MAX_TOKENS = 300
TASK = (
    "You are given a text that a robot says to a visitor. Say it in the same language in a "
    "friendly way. Keep every fact, figure, name and negation, and add none. Answer with the "
    "text alone."
)


class LlmPhrasing:
    """Asks the model, for `timeout_s` at most, and one question at a time."""

    def __init__(self, params: PhrasingParams, asked: Mapping[str, AskedWords]) -> None:
        """Raises ConfigError for an address that is no HTTP or that is not this machine's."""
        _check(params)
        self._params = params
        self._asked = asked
        self._busy = threading.Lock()

    def phrase(self, answer: str, language: str) -> str:
        """The answer in the model's words, or as it stands. Never raises."""
        told: list[str] = []
        worker = threading.Thread(target=self._ask, args=(answer, language, told), daemon=True)
        if not self._busy.acquire(blocking=False):
            return answer  # a question of before still hangs
        worker.start()
        worker.join(self._params.timeout_s)
        filler = self._asked[language].filler if language in self._asked else ()
        for text in told[:1]:
            if says_the_same(text, answer, filler):
                return " ".join(text.split())
        return answer

    def _ask(self, answer: str, language: str, told: list[str]) -> None:
        """Put what the model says into `told`; nothing where it does not answer."""
        try:
            told.append(self._reply(answer, language))
        except (OSError, HTTPException, ValueError, LookupError, TypeError):
            pass
        except RecursionError:  # of the JSON reader, on brackets without end
            pass
        finally:
            self._busy.release()

    def _reply(self, answer: str, language: str) -> str:
        messages = [
            {"role": "system", "content": TASK},
            {"role": "user", "content": json.dumps({"language": language, "text": answer})},
        ]
        body: dict[str, Any] = {
            "model": self._params.model, "messages": messages, "temperature": 0,
            "max_tokens": MAX_TOKENS,
        }  # fmt: skip
        address = urlsplit(self._params.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        connection = kind(address.netloc, timeout=self._params.timeout_s)
        try:
            connection.request(
                "POST",
                f"{address.path.rstrip('/')}/chat/completions",
                json.dumps(body),
                {"Content-Type": "application/json"},
            )
            response = connection.getresponse()
            if response.status != 200:  # redirects are not followed
                raise HTTPException(f"status {response.status}")
            data = b""
            for _ in range(MAX_READS):
                part = response.read1(MAX_BYTES)
                data += part
                if not part or len(data) > MAX_BYTES:
                    break
        finally:
            connection.close()
        if len(data) > MAX_BYTES:
            raise ValueError("more than an answer has")
        text = json.loads(data)["choices"][0]["message"]["content"]
        if not isinstance(text, str):
            raise TypeError("no text")
        return text


def _check(params: PhrasingParams) -> None:
    try:
        parts = urlsplit(params.url)
        host, right = parts.hostname or "", parts.port != 0 and parts.username is None
    except ValueError:  # the port, or brackets
        right = False
    if not right or parts.scheme not in ("http", "https") or not host:
        raise ConfigError(
            f"llm.url is '{params.url}'",
            expected="an HTTP address without a user, e.g. http://127.0.0.1:8080/v1",
            remedy="correct it, or leave it empty: answers are then given as they stand",
        )
    if not params.anywhere and not _is_here(host):
        raise ConfigError(
            f"llm.url leads to '{host}', another machine",
            expected="127.0.0.1, ::1 or localhost",
            remedy="run the model on the robot, or set llm.anywhere",
        )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
