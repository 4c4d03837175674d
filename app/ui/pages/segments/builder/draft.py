"""The rule being built: edits at a place, with everything undone and redone step by step. No Qt here."""

from __future__ import annotations

from dataclasses import replace

from engines.segments import rule as r
from engines.segments.words import Speech, words

EMPTY = r.And(())
MOST_STEPS = 200


class Draft:
    """A rule whose root is always a group. Edits replace the rule, so that undo is only keeping the ones before."""

    def __init__(self, rule: r.Rule = EMPTY) -> None:
        self.rule = rooted(rule)
        self.saved = self.rule
        self._before: list[r.Rule] = []
        self._after: list[r.Rule] = []
        self._merging: r.Path | None = None

    @property
    def dirty(self) -> bool:
        """Whether it differs from what was saved."""
        return self.rule != self.saved

    @property
    def can_undo(self) -> bool:
        """Whether there is a step before."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone."""
        return bool(self._after)

    def edit(self, path: r.Path, node: r.Rule) -> None:
        """Put another node at a place; edits of one condition in a row are one step."""
        self._step(_replaced(self.rule, path, node), merging=path)

    def add(self, path: r.Path, node: r.Rule) -> None:
        """Add a node at the end of the group at `path`."""
        group = group_of(at(self.rule, path))
        self._step(_with_children(self.rule, path, (*group.of, node)))

    def remove(self, path: r.Path) -> None:
        """Take a node out; the root cannot be."""
        group = group_of(at(self.rule, path[:-1]))
        left = tuple(child for number, child in enumerate(group.of) if number != path[-1])
        self._step(_with_children(self.rule, path[:-1], left))

    def move(self, path: r.Path, by: int) -> r.Path:
        """Move a node up or down among its siblings; at an end it leaves its group, or enters the neighbour's.

        Returns where it is then.
        """
        parent, place = path[:-1], path[-1]
        siblings = list(group_of(at(self.rule, parent)).of)
        target = place + by
        if not 0 <= target < len(siblings):
            return self._leave(path, by) if parent else path
        if isinstance(bare(siblings[target]), r.And | r.Or):
            return self._enter(path, by)
        siblings[place], siblings[target] = siblings[target], siblings[place]
        self._step(_with_children(self.rule, parent, tuple(siblings)))
        return (*parent, target)

    def drop(self, path: r.Path, into: r.Path, place: int) -> r.Path:
        """Move a node (by dragging) into the group at `into`, before its child number `place`. Into itself: nothing."""
        if into[: len(path)] == path:
            return path
        node = at(self.rule, path)
        marked = _replaced(self.rule, path, _MARK)
        group = group_of(at(marked, into))
        children = (*group.of[:place], node, *group.of[place:])
        self._step(_without_mark(_with_children(marked, into, children)))
        return _landed(path, into, place)

    def replace_all(self, rule: r.Rule) -> None:
        """Another rule in one step (a template)."""
        self._step(rooted(rule))

    def undo(self) -> None:
        """One step back."""
        if self._before:
            self._after.append(self.rule)
            self.rule = self._before.pop()
            self._merging = None

    def redo(self) -> None:
        """One step forward again."""
        if self._after:
            self._before.append(self.rule)
            self.rule = self._after.pop()
            self._merging = None

    def begin(self, rule: r.Rule, saved: r.Rule | None = None) -> None:
        """Another rule, with nothing to undo; `saved` is what it is compared with."""
        self.rule = rooted(rule)
        self.saved = rooted(saved) if saved is not None else self.rule
        self._before, self._after, self._merging = [], [], None

    def _leave(self, path: r.Path, by: int) -> r.Path:
        parent = path[:-1]
        return self.drop(path, parent[:-1], parent[-1] + (0 if by < 0 else 1))

    def _enter(self, path: r.Path, by: int) -> r.Path:
        target = (*path[:-1], path[-1] + by)
        inside = group_of(at(self.rule, target))
        return self.drop(path, target, len(inside.of) if by < 0 else 0)

    def _step(self, rule: r.Rule, merging: r.Path | None = None) -> None:
        if rule == self.rule:
            return
        if merging is None or merging != self._merging:
            self._before.append(self.rule)
            del self._before[:-MOST_STEPS]
        self._after.clear()
        self.rule, self._merging = rule, merging


_MARK = r.Bucket(-1.0, "\0")


def rooted(rule: r.Rule) -> r.Rule:
    """The rule under a group, where it is not one itself."""
    return rule if isinstance(rule, r.And | r.Or) else r.And((rule,))


def bare(node: r.Rule) -> r.Rule:
    """The node without the "not" before it."""
    return node.of if isinstance(node, r.Not) else node


def group_of(node: r.Rule) -> r.And | r.Or:
    """The group that a node is, with or without a "not"."""
    inner = bare(node)
    if not isinstance(inner, r.And | r.Or):
        raise ValueError(f"{type(inner).__name__} is no group")
    return inner


def at(rule: r.Rule, path: r.Path) -> r.Rule:
    """The node at a place. Places count children of groups; a "not" before a node is part of it."""
    for number in path:
        rule = group_of(rule).of[number]
    return rule


def place_of(rule: r.Rule, path: r.Path) -> r.Path:
    """The place of a node that `rule.walk` found at `path`, where a "not" is a step of its own."""
    found: list[int] = []
    for number in path:
        if isinstance(rule, r.Not):
            rule = rule.of
        elif isinstance(rule, r.And | r.Or):
            found.append(number)
            rule = rule.of[number]
    return tuple(found)


def changes(before: r.Rule, after: r.Rule, speech: Speech) -> tuple[list[str], list[str]]:
    """(taken out, added) in words: the conditions in which two rules differ; both empty where only groups do."""
    old, new = ([words(c, speech) for c in _signed(rule)] for rule in (before, after))
    gone = [said for said in old if said not in new]
    return gone, [said for said in new if said not in old]


def _signed(rule: r.Rule) -> list[r.Rule]:
    """Conditions with the "not" before them."""
    if isinstance(rule, r.And | r.Or):
        return [one for child in rule.of for one in _signed(child)]
    if isinstance(rule, r.Not) and isinstance(rule.of, r.And | r.Or):
        return _signed(rule.of)
    return [rule]


def _landed(path: r.Path, into: r.Path, place: int) -> r.Path:
    """Where a node from `path` stands once it was put in before `place` of the group at `into` and taken out there."""
    gone, depth = list(path), len(into)
    if path[:depth] == into and path[depth] >= place:
        gone[depth] += 1
    stands, last = [*into, place], len(gone) - 1
    if stands[:last] == gone[:last] and len(stands) > last and stands[last] > gone[last]:
        stands[last] -= 1
    return tuple(stands)


def _with_children(rule: r.Rule, path: r.Path, children: tuple[r.Rule, ...]) -> r.Rule:
    node = at(rule, path)
    group = replace(group_of(node), of=children)
    return _replaced(rule, path, r.Not(group) if isinstance(node, r.Not) else group)


def _replaced(rule: r.Rule, path: r.Path, node: r.Rule) -> r.Rule:
    if not path:
        return node
    group = group_of(rule)
    children = tuple(
        _replaced(child, path[1:], node) if number == path[0] else child for number, child in enumerate(group.of)
    )
    made = replace(group, of=children)
    return r.Not(made) if isinstance(rule, r.Not) else made


def _without_mark(rule: r.Rule) -> r.Rule:
    if isinstance(rule, r.And | r.Or):
        return replace(rule, of=tuple(_without_mark(child) for child in rule.of if child != _MARK))
    return r.Not(_without_mark(rule.of)) if isinstance(rule, r.Not) else rule
