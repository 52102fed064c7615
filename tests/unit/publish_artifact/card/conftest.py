"""What the components of a card are given in their tests."""

from collections.abc import Callable
from typing import Any

import pytest
from card_members import with_members

from publish_artifact.card.subject import Subject


@pytest.fixture(scope="session")
def subject_of() -> Callable[..., Subject]:
    """The subject of a card on an artifact, some of whose members are others."""

    def made(artifact: dict[str, Any], **members: Any) -> Subject:
        return Subject(artifact | members, artifact["explanation"] | members.get("explanation", {}), 64 * "a")

    return made


@pytest.fixture(scope="session")
def full(published) -> Callable[..., dict[str, Any]]:
    """The artifact of a named data set with every member that a card can draw."""

    def made(name: str, **fields: Any) -> dict[str, Any]:
        return with_members(published(name, **fields))

    return made
