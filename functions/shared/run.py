"""The run that every event between two steps belongs to, and what it began under."""

from dataclasses import dataclass, replace
from typing import Self

from shared.errors import InvalidRequestError
from shared.event_fields import Json, execution_arn_in, shown, text_field


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
        name = "run.conditions.current_model"
        if not isinstance(value, dict) or not isinstance(value.get("metrics"), dict):
            raise InvalidRequestError(f"{name} must be null or a model, not {shown(value)}")
        return cls(
            etag=text_field(value, "etag", f"{name}.etag"),
            version_id=value.get("version_id"),
            sha256=text_field(value, "sha256", f"{name}.sha256"),
            metrics=value["metrics"],
        )

    def to_event(self) -> Json:
        return {name: getattr(self, name) for name in ("etag", "version_id", "sha256", "metrics")}


@dataclass(frozen=True)
class Conditions:
    """What an execution began under: FetchAndValidate finds it out, and every later step holds to it.

    force: finished steps are done anew; newest: the request named no version of the CSV, so the one that was
    read must still be the newest; current_model: None where nothing was published yet.
    """

    force: bool = False
    newest: bool = False
    current_model: CurrentModel | None = None

    @classmethod
    def from_event(cls, value: object) -> Self:
        model = value.get("current_model") if isinstance(value, dict) else None
        match value:
            case {"force": bool(force), "newest": bool(newest)}:
                return cls(force, newest, CurrentModel.from_event(model))
        raise InvalidRequestError(
            f"run.conditions must be as FetchAndValidate put them out, not {shown(value)}"
        )

    def to_event(self) -> Json:
        model = self.current_model
        return {"force": self.force, "newest": self.newest, "current_model": model and model.to_event()}


@dataclass(frozen=True)
class Run:
    """One run, as every step passes it on in the member `run` of its event.

    run_id: the same for the same work, whichever execution does it; execution_arn: None outside the state
    machine; cached: the tasks so far that found their work done by an earlier run of the same work.
    """

    run_id: str
    execution_arn: str | None = None
    conditions: Conditions = Conditions()
    cached: tuple[str, ...] = ()

    @classmethod
    def from_event(cls, event: Json) -> Self:
        """The run of a step's event; raises InvalidRequestError for one that FetchAndValidate did not begin."""
        value = event.get("run")
        if not isinstance(value, dict):
            raise InvalidRequestError(f"run must be an object with run_id and conditions, not {shown(value)}")
        cached = value.get("cached", [])
        if not isinstance(cached, list) or not all(isinstance(task, str) for task in cached):
            raise InvalidRequestError(f"run.cached must be a list of tasks, not {shown(cached)}")
        return cls(
            run_id=text_field(value, "run_id", "run.run_id"),
            execution_arn=execution_arn_in(value, "run.execution_arn"),
            conditions=Conditions.from_event(value.get("conditions")),
            cached=tuple(cached),
        )

    def found_done(self, task: str) -> Self:
        """The same run, of which this task had nothing left to do."""
        return replace(self, cached=(*self.cached, task))

    def to_event(self) -> Json:
        return {
            "run_id": self.run_id,
            "execution_arn": self.execution_arn,
            "conditions": self.conditions.to_event(),
            "cached": list(self.cached),
        }
