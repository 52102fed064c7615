"""Under which key a CSV's model is published where the request names none: one for each dataset.

So one dataset never replaces another's model. The same table in another form (a.csv, a.csv.gz, a.tsv) is the same
dataset.
"""

import re

from shared.config import Config

_SUFFIXES = re.compile(r"(?:[.](?:csv|tsv|tab|psv|txt|gz|gzip))+$", re.IGNORECASE)


def default_artifact_key(bucket: str, key: str, config: Config) -> str:
    """The configured key for the configured CSV, else one in the same folder that is named after the CSV.

    Below the CSV folder of the configuration the name is the rest of the key, elsewhere bucket and key, each
    without the suffixes of a table; so it is too where the short name is that of the configured CSV's model.
    The result may be no artifact key at all (too long, in a reserved place), which the request's check tells.
    """
    if (bucket, key) == (config.data_bucket, config.data_key):
        return config.artifact_key
    folder = _folder(config.artifact_key)
    whole = f"{folder}{bucket}/{dataset_name(key)}.pkl"
    data_folder = _folder(config.data_key)
    if bucket != config.data_bucket or not key.startswith(data_folder):
        return whole
    short = dataset_name(key.removeprefix(data_folder))
    # Versions lie in a folder named after the key without its last suffix: that too belongs to one dataset alone.
    taken = f"{folder}{short}" == config.artifact_key.rpartition(".")[0]
    return whole if taken or not short else f"{folder}{short}.pkl"


def dataset_name(key: str) -> str:
    """The key without the suffixes of its name; a folder's without the slash, a name that is all suffix as it is."""
    folder, name = _folder(key.rstrip("/")), key.rstrip("/").rpartition("/")[2]
    return folder + (_SUFFIXES.sub("", name) or name)


def _folder(key: str) -> str:
    return "".join(key.rpartition("/")[:2])
