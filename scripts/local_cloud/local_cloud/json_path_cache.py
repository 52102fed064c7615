"""JSONPath expressions parsed once: LocalStack's state machines build the parser anew for every evaluation.

That is 20 to 30 ms of processor time each, several times a state: most of what a state costs.
"""

import functools

import jsonpath_ng
import jsonpath_ng.ext
from localstack.runtime import hooks

_EXPRESSIONS = 1024


@hooks.on_infra_start()
def cache_json_paths() -> None:
    """Before the Step Functions provider is imported, on its first use, and takes `parse` by name."""
    for module in (jsonpath_ng, jsonpath_ng.ext):
        module.parse = functools.lru_cache(_EXPRESSIONS)(module.parse)
