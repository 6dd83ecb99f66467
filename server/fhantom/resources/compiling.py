"""Search parameter expressions compiled to steps over canonical JSON.

As the definitions say what type each element has, types are settled when an expression is compiled: what
remains for a resource is to follow keys. `Observation.value.ofType(Quantity)` is one branch, `valueQuantity`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fhantom.definitions import Definitions, Element, UnknownType
from fhantom.resources.expressions import Binary, Call, Item, Literal, Name, Node, parse
from fhantom.resources.refusal import UnusableExpression

Nodes = list[Any]
Step = str | Callable[[Nodes], Nodes]
_ROOTS = frozenset({"Resource", "DomainResource", "%resource", "%context"})
_SAME_TYPE = {"SimpleQuantity": "Quantity", "MoneyQuantity": "Quantity"}


@dataclass(frozen=True, slots=True)
class Branch:
    """One way through a resource to values of one type.

    Attributes:
        type: type path of the values.
        steps: JSON keys to follow and functions over all nodes reached so far.
        path: element names from the resource down, for messages.
        element: the last element's definition.
    """

    type: str
    steps: tuple[Step, ...] = ()
    path: str = ""
    element: Element | None = None

    def values(self, node: Mapping[str, Any]) -> Nodes:
        """The values in a resource, in document order."""
        return follow(self.steps, [node])

    def then(self, step: Step, **changes: Any) -> Branch:
        return replace(self, steps=(*self.steps, step), **changes)


def follow(steps: tuple[Step, ...], nodes: Nodes) -> Nodes:
    """The nodes that `steps` lead to."""
    for step in steps:
        if not isinstance(step, str):
            nodes = step(nodes)
        elif len(nodes) == 1:
            found = nodes[0].get(step)
            nodes = [] if found is None else found if isinstance(found, list) else [found]
        else:
            nodes = _children(nodes, step)
        if not nodes:
            return nodes
    return nodes if None not in nodes else [node for node in nodes if node is not None]


def _children(nodes: Nodes, key: str) -> Nodes:
    reached: Nodes = []
    for node in nodes:
        found = node.get(key) if node is not None else None
        if isinstance(found, list):
            reached.extend(found)
        elif found is not None:
            reached.append(found)
    return reached


def compile_expression(
    definitions: Definitions, resource_type: str, expression: str, start: str = ""
) -> tuple[Branch, ...]:
    """The branches of an expression over resources of a type. UnusableExpression if it cannot be followed.

    `start` is the type path that bare names are looked up in, where that is not the resource type.
    """
    compiler = _Compiler(definitions, resource_type)
    return tuple(compiler.branches(parse(expression), (Branch(start or resource_type, path=resource_type),)))


class _Compiler:
    def __init__(self, definitions: Definitions, resource_type: str) -> None:
        self._definitions = definitions
        self._resource_type = resource_type

    def branches(self, node: Node, context: tuple[Branch, ...]) -> list[Branch]:
        match node:
            case Name(name, None):
                return self._first(name, context)
            case Name(name, of) if of is not None:
                return self._element(name, self.branches(of, context))
            case Item(of, position):
                return self._slice(self.branches(of, context), position, position + 1)
            case Call():
                return self._call(node, context)
            case Binary("|", left, right):
                return [*self.branches(left, context), *self.branches(right, context)]
            case Binary("as", left, right):
                return self._of_type(self.branches(left, context), right)
            case _:
                test = self._test(node, context)
                return [Branch("boolean", (lambda nodes: [any(test(node) for node in nodes)],))]

    def _first(self, name: str, context: tuple[Branch, ...]) -> list[Branch]:
        if name == self._resource_type or name in _ROOTS or name == "$this":
            return list(context)
        if self._definitions.is_resource(name):
            return []  # a part for another resource type
        if any(self._children_of(branch, name) for branch in context):
            return self._element(name, list(context))
        return []  # so is a bare name that this type does not have

    def _element(self, name: str, of: list[Branch]) -> list[Branch]:
        found = [branch for parent in of for branch in self._children_of(parent, name)]
        if not found and of:
            raise UnusableExpression(name)
        return found

    def _children_of(self, parent: Branch, name: str) -> list[Branch]:
        try:
            definition = self._definitions.type(parent.type)
        except UnknownType:
            return []
        path = f"{parent.path}.{name}"
        return [
            parent.then(key.name, type=key.type, path=path, element=key.element)
            for key in definition.keys.values()
            if key.element.name == name
        ]

    def _of_type(self, branches: list[Branch], named: Node) -> list[Branch]:
        wanted = named.name if isinstance(named, Name) else ""
        if self._definitions.is_resource(wanted):
            same = _is_resource(wanted)
            return [branch.then(same, type=wanted) for branch in branches if branch.type == "Resource"]
        wanted = _SAME_TYPE.get(wanted, wanted)
        return [branch for branch in branches if _SAME_TYPE.get(branch.type, branch.type) == wanted]

    def _slice(self, branches: list[Branch], start: int, end: int) -> list[Branch]:
        if len(branches) == 1:
            return [branches[0].then(lambda nodes: nodes[start:end])]
        if not branches:
            return []

        def merged(nodes: Nodes) -> Nodes:
            return [value for branch in branches for value in follow(branch.steps, nodes)][start:end]

        return [replace(branches[0], steps=(merged,))]

    def _call(self, call: Call, context: tuple[Branch, ...]) -> list[Branch]:
        of = list(context) if call.of is None else self.branches(call.of, context)
        match call.name, call.arguments:
            case (("as" | "ofType"), (argument,)):
                return self._of_type(of, argument)
            case "where", (argument,):
                return [branch.then(self._filter(argument, branch)) for branch in of]
            case "extension", (Literal(url),):
                wanted = Binary("=", Name("url"), Literal(url))
                extensions = self._element("extension", of)
                return [branch.then(self._filter(wanted, branch)) for branch in extensions]
            case "first", ():
                return self._slice(of, 0, 1)
            case (("resolve" | "distinct"), ()):
                return of
            case _:
                test = self._test(call, context)
                return [Branch("boolean", (lambda nodes: [any(test(node) for node in nodes)],))]

    def _filter(self, criterion: Node, branch: Branch) -> Callable[[Nodes], Nodes]:
        test = self._test(criterion, (Branch(branch.type),))
        return lambda nodes: [node for node in nodes if node is not None and test(node)]

    def _test(self, node: Node, context: tuple[Branch, ...]) -> Callable[[Any], bool]:
        match node:
            case Binary("and", left, right):
                first, second = self._test(left, context), self._test(right, context)
                return lambda value: first(value) and second(value)
            case Binary("or", left, right):
                first, second = self._test(left, context), self._test(right, context)
                return lambda value: first(value) or second(value)
            case Binary("is", Call("resolve"), Name(name)):
                return _refers_to(name)
            case Binary("is", left, right):
                branches = self._of_type(self.branches(left, context), right)
                return lambda value: any(branch.values(value) for branch in branches)
            case Binary(("=" | "!=") as operator, left, Literal(wanted)):
                branches = self.branches(left, context)
                return _compares(branches, wanted, operator == "=")
            case Call("exists", of, arguments):
                inner = Call("where", of, arguments) if arguments else of
                branches = list(context) if inner is None else self.branches(inner, context)
                return lambda value: any(branch.values(value) for branch in branches)
            case Call(("not" | "empty") as name, of, ()) if of is not None:
                if name == "not":
                    test = self._test(of, context)
                    return lambda value: not test(value)
                branches = self.branches(of, context)
                return lambda value: not any(branch.values(value) for branch in branches)
            case Name() | Item() | Call(("where" | "extension" | "first" | "as" | "ofType"), _, _):
                branches = self.branches(node, context)
                return lambda value: any(True in branch.values(value) for branch in branches)
            case _:
                raise UnusableExpression(str(node))


def _is_resource(name: str) -> Callable[[Nodes], Nodes]:
    return lambda nodes: [node for node in nodes if node.get("resourceType") == name]


def _refers_to(resource_type: str) -> Callable[[Any], bool]:
    """`resolve() is Patient`, judged by the reference's own words; nothing is read."""
    start, inside = f"{resource_type}/", f"/{resource_type}/"

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return value.startswith(start) or inside in value
        text = value.get("reference")
        if text is None:
            return bool(value.get("type") == resource_type)
        return bool(text.startswith(start) or inside in text)

    return test


def _compares(branches: list[Branch], wanted: str | bool, equal: bool) -> Callable[[Any], bool]:
    def test(value: Any) -> bool:
        found = [item for branch in branches for item in branch.values(value)]
        # an empty collection compared is empty, which is no truth either way
        return bool(found) and all((item == wanted) is equal for item in found[:1])

    return test
