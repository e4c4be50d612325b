"""Ronda knows "a person", never who: no message, no name and no library of the code says more."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ronda_cli.environment.paths import ROOT

INTERFACES = ROOT / "ros2_ws" / "src" / "patrol_interfaces"
MESSAGES = sorted([*INTERFACES.glob("msg/*.msg"), *INTERFACES.glob("action/*.action")])
SOURCES = sorted(
    path
    for folder in ("src", "sim", "bench", "ros2_ws/src", "launch")
    for path in (ROOT / folder).rglob("*.py")
    if not {"build", "install", "node_modules"} & set(path.parts)
)
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))

WORDS = {
    "arcface", "biometric", "biometrics", "deepface", "emotion", "emotions", "ethnicity", "eyes",
    "facenet", "facial", "gait", "gender", "haarcascade", "insightface", "iris", "reid",
    "reidentification", "reidentify", "sex", "sphereface", "vggface", "voiceprint",
}  # fmt: skip
"""Words that no name may hold, whatever it names."""
ABOUT = {"face", "faces", "person", "people", "pedestrian", "visitor", "track", "head", "human"}
"""Who or what is told about ..."""
TOLD = {
    "age", "ages", "descriptor", "descriptors", "embedding", "embeddings", "encoding", "encodings",
    "fingerprint", "gallery", "identity", "identities", "mood", "race", "recognition",
    "recognizer", "recogniser", "signature", "template", "templates", "years",
}  # fmt: skip
"""... and what no name may tell of it."""
FACE_TOOLS = {
    "facerecognizersf", "facedetectoryn", "cascadeclassifier", "facerecognizer",
    "face_recognition", "lbphfacerecognizer", "osnet", "torchreid", "fastreid",
    "mediapipe", "dlib",
}  # fmt: skip
"""Of libraries: what finds or tells apart faces, or people by their looks."""


def words_of(name: str) -> list[str]:
    """Parts of a name in snake, camel or any other case, in small letters."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    return [part.lower() for part in parts]


def objection(name: str) -> str:
    """What a name says that it may not; empty where nothing."""
    words = words_of(name)
    joined = {a + b for a, b in itertools.pairwise(words)}
    bad = ({*words} | joined) & WORDS
    if name.lower() in FACE_TOOLS:
        bad.add(name)
    if {*words} & ABOUT and {*words} & TOLD and words[-2:] != ["age", "s"]:
        bad |= {*words} & TOLD
    return ", ".join(sorted(bad))


def names_of(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every name that a module defines, uses or imports, with its line."""
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Name):
            yield node.id, line
        elif isinstance(node, ast.Attribute):
            yield node.attr, line
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name, line
        elif isinstance(node, (ast.arg, ast.keyword)):
            yield node.arg or "", line
        elif isinstance(node, ast.alias):
            for part in (*node.name.split("."), node.asname or ""):
                yield part, line
        elif isinstance(node, ast.ImportFrom) and node.module:
            for part in node.module.split("."):
                yield part, line


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.name)
def test_no_field_of_a_message_tells_who_somebody_is(path: Path) -> None:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        field = line.split("#")[0].replace("=", " ").split()
        if len(field) >= 2:
            told = objection(f"{path.stem}_{field[1]}")
            assert not told, f"{path.name}:{number}: '{field[1]}' says {told}"


def test_a_track_holds_place_size_and_time_and_nothing_of_looks() -> None:
    text = (INTERFACES / "msg" / "Track.msg").read_text(encoding="utf-8")
    fields = [line.split("#")[0].split() for line in text.splitlines()]
    images = [f for f in fields if f and re.search(r"\[|Image|bytes|uint8|float32", f[0])]
    assert images == [], "an array in a track could describe somebody"


def test_no_name_in_the_code_does_and_no_face_library_is_used() -> None:
    found = []
    for path in SOURCES:
        for name, line in names_of(ast.parse(path.read_text(encoding="utf-8"))):
            told = objection(name)
            if told:
                found.append(f"{path.relative_to(ROOT)}:{line}: '{name}' says {told}")
    assert found == []


def test_no_such_library_is_required_and_no_such_model_is_shipped() -> None:
    required = [
        re.split(r"[=<>\[; ]", line)[0]
        for path in REQUIREMENTS
        for line in path.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    assert "numpy" in required
    shipped = [
        path.stem
        for folder in ("src", "sim", "bench", "launch", "sites")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".onnx", ".xml", ".caffemodel", ".pb", ".tflite", ".npz", ".dat")
    ]
    assert [name for name in (*required, *shipped) if objection(name)] == []


@pytest.mark.parametrize(
    "name",
    [
        "face_embedding", "FaceRecognizerSF", "person_age_years", "gender", "reid", "re_id_model",
        "track_embedding", "head_template", "face_recognition", "visitorIdentity", "gait_period_s",
        "person_age",
    ],
)  # fmt: skip
def test_what_must_not_be_is_noticed(name: str) -> None:
    assert objection(name)


@pytest.mark.parametrize(
    "name", ["tracks_max_age_s", "face", "View", "person_height_m", "track_id"]
)
def test_what_may_be_is_not(name: str) -> None:
    assert not objection(name)
