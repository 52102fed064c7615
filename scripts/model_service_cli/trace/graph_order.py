"""Which layer and which column of the graph each state belongs to. Pure: a machine in, whole numbers out."""

from model_service_cli.trace.definition import END, START, Edge, Machine


def without_loops(machine: Machine) -> dict[str, list[Edge]]:
    """The edges by their source, in order, without those that lead back to a state that they came from."""
    out: dict[str, list[Edge]] = {name: [] for name in (START, *machine.states, END)}
    for edge in machine.edges:
        out[edge.source].append(edge)
    kept: dict[str, list[Edge]] = {name: [] for name in out}
    done: set[str] = set()
    for first in out:  # START comes first; what no edge reaches is walked by itself
        path: list[tuple[str, int]] = [(first, 0)] if first not in done else []
        open_now = {first}
        while path:
            name, place = path.pop()
            if place == len(out[name]):
                done.add(name)
                open_now.discard(name)
                continue
            path.append((name, place + 1))
            edge = out[name][place]
            if edge.target in open_now:
                continue
            kept[name].append(edge)
            if edge.target not in done:
                path.append((edge.target, 0))
                open_now.add(edge.target)
    return kept


def _order(forward: dict[str, list[Edge]]) -> list[str]:
    """The names so that every edge leads to a later one (Kahn 1962)."""
    waiting = dict.fromkeys(forward, 0)
    for edges in forward.values():
        for edge in edges:
            waiting[edge.target] += 1
    ready = [name for name, count in waiting.items() if not count]
    order = []
    while ready:
        name = ready.pop(0)
        order.append(name)
        for edge in forward[name]:
            waiting[edge.target] -= 1
            if not waiting[edge.target]:
                ready.append(edge.target)
    return order


def layers_of(forward: dict[str, list[Edge]]) -> dict[str, int]:
    """The longest way to each state."""
    layers = dict.fromkeys(forward, 0)
    for name in _order(forward):
        for edge in forward[name]:
            layers[edge.target] = max(layers[edge.target], layers[name] + 1)
    return layers


def columns_of(forward: dict[str, list[Edge]], layers: dict[str, int]) -> dict[str, int]:
    best: dict[str, tuple[bool, int, str]] = {}  # ends well, states on the way, the next one
    for name in reversed(_order(forward)):
        ways = [
            (best[edge.target][0], best[edge.target][1] + 1, edge.target)
            for edge in forward[name]
            if not edge.caught
        ]
        best[name] = max(ways, key=lambda way: way[:2], default=(name == END, 0, ""))
    columns, name = {START: 0}, START
    while name := best[name][2]:
        columns[name] = 0
    taken = {(layers[name], 0) for name in columns}
    reached = any(edge.target == END for edges in forward.values() for edge in edges)
    for name in sorted(layers, key=lambda one: layers[one]):
        if name in columns or (name == END and not reached):
            continue
        column = next(number for number in range(1, len(layers) + 1) if (layers[name], number) not in taken)
        columns[name] = column
        taken.add((layers[name], column))
    return columns
