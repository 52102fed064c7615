"""The model card: one HTML page that says what a published model is worth, from its artifact alone.

No script, no network, nothing random, no clock: the same artifact gives the same bytes. The page is a list of
components; each draws one thing of the artifact, and nothing where an artifact of an older version has not got it.
"""

import hashlib
import json
import re

from publish_artifact.artifact_types import Artifact
from publish_artifact.card.choice import choice
from publish_artifact.card.confusion import confusion
from publish_artifact.card.data import data
from publish_artifact.card.drift import before
from publish_artifact.card.groups import groups
from publish_artifact.card.importance import what_matters
from publish_artifact.card.lineage import lineage
from publish_artifact.card.metrics import key_figures, metrics
from publish_artifact.card.profiles import profiles
from publish_artifact.card.ranking import ranking
from publish_artifact.card.style import STYLE
from publish_artifact.card.subject import Subject
from publish_artifact.card.text import escape, soft
from publish_artifact.card.use import use
from publish_artifact.card.verdict import header, judged
from publish_artifact.explanation_types import Explanation

CONTENT_TYPE = "text/html; charset=utf-8"
# Whatever a name in the data holds, the page loads and runs nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_COMPONENTS = (
    judged,
    what_matters,
    ranking,
    choice,
    confusion,
    metrics,
    profiles,
    groups,
    before,
    data,
    lineage,
    use,
)
_HEADING = re.compile(r'<section id="([^"]+)">\n<h2>(.*?)</h2>')


def model_card(content: bytes, explanation: Explanation | None = None) -> bytes:
    """The card of a published artifact, from the artifact's bytes.

    explanation: what the model goes by, of an artifact from before it said so itself.
    """
    artifact: Artifact = json.loads(content)
    explanation = explanation or artifact["explanation"]
    subject = Subject(artifact, explanation, hashlib.sha256(content).hexdigest())
    sections = "".join(component(subject) for component in _COMPONENTS)
    links = "".join(
        f'<li><a href="#{anchor}">{title}</a></li>' for anchor, title in _HEADING.findall(sections)
    )
    body = "".join(
        [
            header(subject),
            key_figures(subject),
            f'<nav aria-label="Sections of this page"><ul>{links}</ul></nav>\n',
            sections,
            soft(
                "Made from the artifact alone; every figure here follows from it, where it has all its digits."
            ),
        ]
    )
    title = escape(f"{subject.artifact['request']['artifact_key']} {subject.sha256[:12]}")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Model card: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    ).encode("utf-8", "replace")
