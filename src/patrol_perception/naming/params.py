"""Which network names things, and how sure it must be."""

from __future__ import annotations

from dataclasses import dataclass

from patrol_core.params import param


@dataclass(frozen=True, slots=True)
class NamingParams:
    """A network in ONNX form with a file of labels beside it, or a detector of your own. Without
    either, nothing is named."""

    model: str = param("", "ONNX file of a detector; empty: nothing is named")
    detector: str = param(
        "", "A detector of your own instead, as `package.module:Class`; empty: the network"
    )
    labels: str = param("", "File of its class names, one a line; empty: MODEL.txt beside it")
    form: str = param("auto", "How it gives its boxes", choices=("auto", "v5", "v8", "end2end"))
    size_px: int = param(640, "Edge of its input, where the file leaves that open", 32, 2048)
    person_score: float = param(0.25, "From this score on it is a person: blurred", 0.01, 1.0)
    name_score: float = param(0.5, "From this score on a finding gets the name", 0.05, 1.0)
    overlap: float = param(0.45, "Of two boxes of a class that overlap more, one goes", 0.1, 0.95)
    every_s: float = param(1.0, "Findings in view are looked at every [s]", 0.1, 60.0)
    looks: int = param(2, "Pictures that must agree on a name", 1, 20)
