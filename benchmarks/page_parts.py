"""A page of docs/ whose measured part stands between two marker lines; the rest is by hand."""


def with_part(page: str, begin: str, end: str, text: str) -> str:
    """The page with this text between the lines `begin` and `end`; raises ValueError when it lacks them."""
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page lacks the lines {begin.strip()!r} and {end.strip()!r}")
    return f"{before}{begin}\n{text}\n\n{end}{after}"
