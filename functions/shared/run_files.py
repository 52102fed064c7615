"""Where a run's files lie, and nowhere else is it spelled: `runs/<run_id>/...` in the artifact bucket."""

from dataclasses import dataclass

from shared.event_fields import S3Reference


@dataclass(frozen=True)
class RunFiles:
    """The places of one run's files; what is in them is their writers' business."""

    bucket: str
    run_id: str

    @property
    def dataset(self) -> S3Reference:
        """The folder of what FetchAndValidate writes."""
        return self._at("dataset/")

    @property
    def manifest(self) -> S3Reference:
        return self._at("dataset/manifest.json")

    @property
    def plan(self) -> S3Reference:
        return self._at("dataset/plan.json")

    @property
    def shards(self) -> S3Reference:
        return self._at("dataset/shards.json")

    def shard(self, index: int) -> S3Reference:
        """The folder of a shard's parts."""
        return self._at(f"dataset/shard-{index:05d}/")

    def shard_result(self, index: int) -> S3Reference:
        return self._at(f"dataset/shard-{index:05d}/result.json")

    @property
    def summary(self) -> S3Reference:
        return self._at("summary.json")

    @property
    def artifact(self) -> S3Reference:
        """The artifact as this run first published it."""
        return self._at("artifact.json")

    def _at(self, name: str) -> S3Reference:
        return S3Reference(self.bucket, f"runs/{self.run_id}/{name}")
