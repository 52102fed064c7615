"""What an execution began under: FetchAndValidate finds it out, and every later step holds to it."""

from dataclasses import dataclass
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import Json, shown, text_field


@dataclass(frozen=True)
class CurrentModel:
    """What the stable key held when the run began. metrics: empty where it was no artifact of this pipeline."""

    etag: str
    version_id: str | None
    sha256: str
    metrics: Json

    @classmethod
    def from_event(cls, value: object) -> Self | None:
        if value is None:
            return None
        if not isinstance(value, dict) or not isinstance(value.get("metrics"), dict):
            raise InvalidRequestError(f"conditions.current_model must be null or a model, not {shown(value)}")
        return cls(
            etag=text_field(value, "etag", "conditions.current_model.etag"),
            version_id=value.get("version_id"),
            sha256=text_field(value, "sha256", "conditions.current_model.sha256"),
            metrics=value["metrics"],
        )

    def to_event(self) -> Json:
        return {name: getattr(self, name) for name in ("etag", "version_id", "sha256", "metrics")}


@dataclass(frozen=True)
class Conditions:
    """What an execution began under; every step passes it on.

    force: finished steps are done anew; newest: the request named no version of the CSV, so the one that was
    read must still be the newest; current_model: None where nothing was published yet.
    """

    force: bool = False
    newest: bool = False
    current_model: CurrentModel | None = None

    @classmethod
    def from_event(cls, event: Json) -> Self:
        value = event.get("conditions")
        flags = [value.get(name) for name in ("force", "newest")] if isinstance(value, dict) else [None]
        if not all(isinstance(flag, bool) for flag in flags):
            raise InvalidRequestError(
                f"conditions must be as FetchAndValidate put them out, not {shown(value)}"
            )
        return cls(*flags, CurrentModel.from_event(value.get("current_model")))

    def to_event(self) -> Json:
        model = self.current_model
        return {"force": self.force, "newest": self.newest, "current_model": model and model.to_event()}
