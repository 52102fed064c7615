"""Write the card of a published model to tmp/model_card.html and say where it is.

    python -m model_service_cli card [--model NAME|KEY|FILE|s3://...]

The card lies beside the version of the artifact in S3. It follows from the artifact alone, so that one which was
never published here, or before there were cards, is made on the spot.
"""

import hashlib
from pathlib import Path
from typing import cast

import click
from botocore.exceptions import BotoCoreError, ClientError

from model_service_cli.cloud import client
from model_service_cli.door import CommandError
from model_service_cli.files import ROOT, write_whole
from model_service_cli.models.artifact_reader import load, model_option
from publish_artifact.card.page import model_card
from publish_artifact.explanation_types import Explanation
from publish_artifact.places import card_of, version_of
from shared.canonical_json import canonical_json
from shared.event_fields import Json, S3Reference
from shared.model.predictor import InvalidArtifactError, model_in
from summarize.explaining.explanation import own_explanation

# What the schema cannot see: two members that each may be so and do not fit each other.
_CONTRADICTIONS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)

PAGE = ROOT / "tmp" / "model_card.html"


def card_page(artifact: Json, where: str) -> tuple[bytes, str]:
    """The artifact's card, and in words where it comes from. where: the artifact's own place.

    Raises CommandError for an artifact that contradicts itself.
    """
    content = canonical_json(artifact)
    request = artifact["request"]
    stable = S3Reference(request["artifact_bucket"], request["artifact_key"])
    reference = card_of(version_of(stable, hashlib.sha256(content).hexdigest()))
    try:
        found = client("s3").get_object(Bucket=reference.bucket, Key=reference.key)["Body"].read()
    except (ClientError, BotoCoreError):  # not published at this endpoint, or no endpoint at all
        # From before artifacts said what their model goes by, the model itself does.
        try:
            missing = (
                None
                if "explanation" in artifact
                else cast("Explanation", own_explanation(model_in(artifact)))
            )
            return model_card(content, missing), "made from the artifact"
        except InvalidArtifactError as error:
            raise CommandError(f"{where}: {error}", exit_status=2) from error
        except _CONTRADICTIONS as error:
            what = f"{where} contradicts itself, so it can have no card"
            raise CommandError(f"{what} ({type(error).__name__}: {error})", exit_status=2) from error
    return found, f"from {reference}"


@click.command()
@model_option
@click.option("--page", type=click.Path(path_type=Path), default=PAGE, help="The page to write.")
def card(wanted: str, page: Path) -> None:
    """The card of a published model, tmp/model_card.html."""
    artifact, where = load(wanted)
    content, source = card_page(artifact, where)
    write_whole(page, content)
    print(f"card: of {where}, {source}")
    print(page.resolve().as_uri())
