"""The model card: one HTML page that says what a published model is worth, from its artifact alone.

No script, no network, nothing random, no clock: the same artifact gives the same bytes.
"""

import hashlib
import json

from publish_artifact.artifact_types import Artifact, Explanation
from publish_artifact.card.choice import choice_section
from publish_artifact.card.data import data_section, lineage_section
from publish_artifact.card.features import features_section
from publish_artifact.card.figures import Figures
from publish_artifact.card.metrics import key_figures, metrics_section
from publish_artifact.card.style import STYLE
from publish_artifact.card.text import escape, listed, paragraph, section
from publish_artifact.card.verdict import intended_use, limits, verdict
from shared.event_fields import S3Reference

CONTENT_TYPE = "text/html; charset=utf-8"
# Whatever a name in the data holds, the page loads and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def card_of(version: S3Reference) -> S3Reference:
    """Where the card of a published version lies: beside it."""
    return S3Reference(version.bucket, f"{version.key.removesuffix('.json')}.card.html")


def model_card(content: bytes, explanation: Explanation | None = None) -> bytes:
    """The card of a published artifact, from the artifact's bytes.

    explanation: what the model goes by, of an artifact from before it said so itself.
    """
    artifact: Artifact = json.loads(content)
    sha256 = hashlib.sha256(content).hexdigest()
    explanation = explanation or artifact["explanation"]
    figures = Figures()
    worth, sentence = verdict(artifact)
    title = escape(artifact["request"]["artifact_key"])
    body = "".join(
        [
            f'<header class="{worth}">\n',
            *(
                f'<p class="warning"><strong>{escape(text)}</strong></p>\n'
                for text in artifact.get("warnings", ())
            ),
            f"<h1>{sentence}</h1>\n",
            f'<p class="soft">Model card of <code>{title}</code>, version <code>{sha256[:12]}</code>, '
            f"published {escape(artifact['lineage']['created_at'][:10])}: "
            f"{escape(explanation['description'])}.</p>\n</header>\n",
            key_figures(artifact),
            section(
                "What it is for, and what it is not",
                listed(intended_use(artifact, explanation)),
                "<h3>Limits</h3>\n",
                listed(limits(artifact, explanation)),
            ),
            metrics_section(artifact, figures),
            choice_section(artifact),
            features_section(artifact, explanation, figures),
            data_section(artifact, figures),
            lineage_section(artifact, sha256),
            paragraph(
                '<span class="soft">Made from the artifact alone; every figure here is in it, with all digits.</span>'
            ),
        ]
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Model card: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ).encode("utf-8", "replace")
