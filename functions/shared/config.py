"""The environment variables of a function, read once and typed."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Config:
    """Defaults of the request, and what the deployment tells a function about itself."""

    data_bucket: str = "ml-data-demo"
    data_key: str = "data/btc_candles_labeled_sample.csv"
    artifact_bucket: str = "artifacts"
    artifact_key: str = "models/training_pipeline.pkl"
    code_version: str = "unversioned"
    previous_step: str | None = None
    shard_bytes: int = 32 << 20
    range_cells: int = 1 << 22

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Config":
        """Configuration from TRAINING_*, CODE_VERSION, PREVIOUS_STEP, SHARD_BYTES and RANGE_CELLS.

        An empty one is absent.
        """
        names = {
            "data_bucket": "TRAINING_DATA_BUCKET",
            "data_key": "TRAINING_DATA_KEY",
            "artifact_bucket": "TRAINING_ARTIFACT_BUCKET",
            "artifact_key": "TRAINING_ARTIFACT_KEY",
            "code_version": "CODE_VERSION",
            "previous_step": "PREVIOUS_STEP",
        }
        values: dict[str, Any] = {
            field: environment[name] for field, name in names.items() if environment.get(name)
        }
        for field, name in {"shard_bytes": "SHARD_BYTES", "range_cells": "RANGE_CELLS"}.items():
            if environment.get(name):
                values[field] = int(environment[name])
        return cls(**values)
