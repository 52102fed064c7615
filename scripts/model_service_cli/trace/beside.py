"""What a trace leads to, as files beside it: the card and the artifact of the model that the run published.

They are named by the model, so that pages of runs that published the same share them, and never change.
"""

from os.path import relpath
from pathlib import Path
from typing import Any

from model_service_cli.files import ROOT, write_whole
from model_service_cli.models.names import model_name
from model_service_cli.runs.follow import Execution
from model_service_cli.runs.got_to import got_to
from model_service_cli.trace.page import Link

PAGES = ROOT / "tmp"
TRACES, CARDS, ARTIFACTS = "traces", "cards", "artifacts"  # folders in PAGES
INDEX = "index.html"


def trace_path(name: str, pages: Path = PAGES) -> Path:
    """Where the trace of the execution of this name lies."""
    return pages / TRACES / f"{name}.html"


def links_of(s3: Any, execution: Execution, page: Path) -> list[Link]:
    """Links from the page to what is there; writes it first. What has been deleted has none."""
    pages = page.parent.parent if page.parent.name == TRACES else page.parent
    known = got_to(execution)
    found = []
    match known:
        case {"artifact": {"bucket": str(bucket), "version_key": str(key), "sha256": str(sha256)}}:
            name = model_name(sha256)
            match known.get("card"):
                case {"bucket": str(card_bucket), "key": str(card_key)}:
                    card = pages / CARDS / f"{name}.html"
                    if fetched(s3, card_bucket, card_key, card):
                        found.append(Link(f"card of model {name}", _relative(card, page)))
            artifact = pages / ARTIFACTS / f"{name}.json"
            if fetched(s3, bucket, key, artifact):
                found.append(Link("its artifact", _relative(artifact, page)))
    if (pages / INDEX).exists():
        found.append(Link("all runs and models", _relative(pages / INDEX, page)))
    return found


def fetched(s3: Any, bucket: str, key: str, path: Path) -> bool:
    """Whether the file is there, after it was fetched if need be."""
    if path.exists():
        return True
    try:
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    except (s3.exceptions.NoSuchKey, s3.exceptions.NoSuchBucket):
        return False
    write_whole(path, content)
    return True


def _relative(path: Path, page: Path) -> str:
    return Path(relpath(path, page.parent)).as_posix()
