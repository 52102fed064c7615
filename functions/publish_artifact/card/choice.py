"""The part of a model card about how the model was chosen: the leaderboard of cross-validation."""

from publish_artifact.artifact_types import Artifact
from publish_artifact.card.text import escape, number, paragraph, percent, rows_of, section, table
from shared.model.leaderboard import lines_of, members_in_words


def choice_section(artifact: Artifact) -> str:
    """The leaderboard; nothing for a model that was asked for and not chosen."""
    choice = artifact.get("choice")
    if not choice:
        return ""
    lines = lines_of(choice["leaderboard"])
    folds = "folds forward in time" if choice["forward"] else "stratified folds"
    failed = [f"{line.name}: {line.reason}" for line in lines if line.reason]
    left_out = [f"{name.replace('_', ' ')}: {why}" for name, why in choice["families_left_out"].items()]
    notes = [*failed, *left_out]
    return section(
        "How it was chosen",
        paragraph(
            f"By the log loss on train rows that each model had not seen: {choice['folds']} {folds} of "
            f"{rows_of(choice['fit_rows'])}. The test rows had no part in it.",
            f"The model is {escape(members_in_words(choice['leaderboard']))}.",
            "A simpler model is taken where the blend is not better by more than one standard error.",
        ),
        table(
            "Candidates, by their log loss on rows they had not seen",
            ["candidate", "log loss", "ROC area", "accuracy", "weight"],
            (
                [
                    escape(line.name),
                    number(line.log_loss),
                    number(line.roc_auc),
                    "-" if line.accuracy is None else percent(line.accuracy),
                    percent(line.weight) if line.weight else "",
                ]
                for line in lines
            ),
        ),
        paragraph(f"Not compared: {escape('; '.join(notes))}.") if notes else "",
    )
