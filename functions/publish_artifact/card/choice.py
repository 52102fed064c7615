"""The part of a model card about how the model was chosen: the leaderboard of cross-validation."""

from publish_artifact.card.subject import Subject
from publish_artifact.card.text import (
    escape,
    paragraph,
    percent,
    rows_of,
    section,
    side_by_side,
    soft,
    table,
    three,
)
from shared.model.leaderboard import lines_of, members_in_words


def choice(subject: Subject) -> str:
    """The leaderboard; nothing for a model that was asked for and not chosen."""
    choice = subject.artifact.get("choice")
    if not choice:
        return ""
    lines = lines_of(choice["leaderboard"])
    folds = "folds forward in time" if choice["forward"] else "stratified folds"
    failed = [f"{line.name}: {line.reason}" for line in lines if line.reason]
    left_out = [f"{name.replace('_', ' ')}: {why}" for name, why in choice["families_left_out"].items()]
    notes = [*failed, *left_out]
    words = paragraph(
        f"By the log loss on train rows that each model had not seen: {choice['folds']} {folds} of "
        f"{rows_of(choice['fit_rows'])}{_own(subject)}. The test rows had no part in it.",
        f"The model is {escape(members_in_words(choice['leaderboard']))}.",
        "A simpler model is taken where the blend is not better by more than one standard error.",
    )
    board = table(
        "Candidates, by their log loss on rows they had not seen",
        ["candidate", "log loss", "ROC area", "accuracy", "weight"],
        (
            [
                escape(line.name),
                "-" if line.log_loss is None else f"{line.log_loss:.4f}",
                three(line.roc_auc),
                "-" if line.accuracy is None else percent(line.accuracy),
                percent(line.weight) if line.weight else "",
            ]
            for line in lines
        ),
    )
    not_compared = soft(f"Not compared: {escape('; '.join(notes))}.") if notes else ""
    return section("How it was chosen", side_by_side(board, words + not_compared))


def _own(subject: Subject) -> str:
    """Of more train rows than a fold is fitted on, each may have its own."""
    choice = subject.artifact.get("choice")
    return ", which each fold has drawn for itself" if choice and choice.get("draws", 1) > 1 else ""
