"""What IAM would decide on a request, for the operators that our policies use.

After the evaluation logic in AWS's IAM User Guide: an explicit deny wins, then an allow is needed. A condition holds
where each of its keys does; a key that the request lacks makes every operator false but Null.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """Who asks for what, with what else is known of it. principal: of a policy that has principals, or ""."""

    action: str
    resource: str = "*"
    context: dict[str, str] = field(default_factory=dict)
    principal: str = ""


@dataclass(frozen=True)
class Statement:
    allow: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]
    principals: tuple[str, ...]

    def applies(self, request: Request) -> bool:
        return (
            any(matches(pattern.lower(), request.action.lower()) for pattern in self.actions)
            and (not self.resources or any(matches(pattern, request.resource) for pattern in self.resources))
            and (not self.principals or request.principal in self.principals)
            and all(holds(*condition, request.context) for condition in self.conditions)
        )


@dataclass(frozen=True)
class Policy:
    statements: tuple[Statement, ...]

    @classmethod
    def rendered(cls, values: Json) -> Self:
        """From a data source aws_iam_policy_document."""
        return cls(
            tuple(
                Statement(
                    (statement["effect"] or "Allow") == "Allow",
                    tuple(statement["actions"] or ()),
                    tuple(statement["resources"] or ()),
                    tuple(
                        (each["test"], each["variable"], tuple(each["values"]))
                        for each in statement["condition"]
                    ),
                    tuple(name for each in statement["principals"] for name in each["identifiers"]),
                )
                for statement in values["statement"]
            )
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """From a policy's JSON."""
        return cls(
            tuple(
                Statement(
                    statement["Effect"] == "Allow",
                    tuple(several(statement["Action"])),
                    tuple(several(statement["Resource"])),
                    tuple(
                        (test, variable, tuple(several(values)))
                        for test, keys in statement.get("Condition", {}).items()
                        for variable, values in keys.items()
                    ),
                    tuple(
                        name for names in statement.get("Principal", {}).values() for name in several(names)
                    ),
                )
                for statement in json.loads(path.read_text())["Statement"]
            )
        )

    def allows(self, request: Request) -> bool:
        return not self.denies(request) and any(s.allow and s.applies(request) for s in self.statements)

    def denies(self, request: Request) -> bool:
        """By name: no other policy could allow it."""
        return any(not s.allow and s.applies(request) for s in self.statements)


def several(value: Any) -> Iterable[str]:
    return value if isinstance(value, list) else [value]


def matches(pattern: str, text: str) -> bool:
    """As IAM's * and ? do; * crosses slashes."""
    return bool(re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), text, re.DOTALL))


def equals(pattern: str, text: str) -> bool:
    return pattern == text


OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": equals,
    "StringLike": matches,
    "ArnEquals": matches,  # as AWS documents it: the two Arn operators are the same
    "ArnLike": matches,
    "Bool": equals,
}


def holds(operator: str, key: str, values: tuple[str, ...], context: dict[str, str]) -> bool:
    if operator == "Null":
        return (key not in context) == (values == ("true",))
    return key in context and any(OPERATORS[operator](value, context[key]) for value in values)
