"""What a run does: the request, the pinned CSV or folder of them and the code, from which its run_id follows."""

import hashlib
from dataclasses import dataclass
from typing import Self

from shared.canonical_json import canonical_json
from shared.event_fields import Json
from shared.run_files import RunFiles
from shared.source import Source, source_from


@dataclass(frozen=True)
class Work:
    """The same work is the same run, whichever execution does it. request: its parameters, defaults filled in."""

    run_id: str
    code_version: str
    request: Json
    source: Source

    @classmethod
    def from_document(cls, document: Json) -> Self:
        """The work that a plan or a manifest is of."""
        source = source_from(document["source"])
        return cls(document["run_id"], document["code_version"], document["request"], source)

    @property
    def files(self) -> RunFiles:
        """Where its files lie: in the bucket that the artifact goes to."""
        return RunFiles(self.request["artifact_bucket"], self.run_id)

    def to_json(self) -> Json:
        """The members that every document about the work begins with."""
        return {
            "run_id": self.run_id,
            "code_version": self.code_version,
            "request": self.request,
            "source": self.source.identity(),
        }


def run_id_of(parameters: Json, source: Json, code_version: str) -> str:
    """The run's identity, 20 hexadecimal digits: it follows from the request, what was pinned and the code."""
    identity = {"parameters": parameters, "source": source, "code_version": code_version}
    return hashlib.sha256(canonical_json(identity)).hexdigest()[:20]
