"""What a run does: the request, the CSV's pinned version and the code, from which its run_id follows."""

from dataclasses import dataclass
from typing import Self

from shared.event_fields import Json
from shared.object_store import PinnedObject


@dataclass(frozen=True)
class Work:
    """The same work is the same run, whichever execution does it. request: its parameters, defaults filled in."""

    run_id: str
    code_version: str
    request: Json
    source: PinnedObject

    @classmethod
    def from_document(cls, document: Json) -> Self:
        """The work that a plan or a manifest is of."""
        source = PinnedObject.from_identity(document["source"])
        return cls(document["run_id"], document["code_version"], document["request"], source)

    def to_json(self) -> Json:
        """The members that every document about the work begins with."""
        return {
            "run_id": self.run_id,
            "code_version": self.code_version,
            "request": self.request,
            "source": self.source.identity(),
        }
