"""The labels file of a judge on the disk: read, changed and written whole, and never with a key in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.checkout import top_level
from promptctl.adapters.files import WorkTree, atomic_write, inside
from promptctl.adapters.leaks import Leaks
from promptctl.adapters.scaffold import add_line
from promptctl.model.errors import Problem, UnavailableError
from promptctl.model.label import Label
from promptctl.text.labels import encode_labels, latest, parse_labels

Change = Callable[[tuple[Label, ...]], Iterable[Label]]


@dataclass(frozen=True, slots=True)
class LabelFile:
    """The labels at `path`, relative to the project's `root`."""

    root: Path
    path: str
    leaks: Leaks

    def read(self) -> tuple[Label, ...]:
        """The labels; none where there is no file. Raises InputError where a line of it is wrong."""
        if not os.path.lexists(self.root / inside(self.path)):
            return ()
        return parse_labels(WorkTree(self.root).read(self.path))

    def change(self, change: Change) -> tuple[Label, ...]:
        """Write what `change` makes of the labels, as they are on the disk now; gives the labels written.

        The file holds the old labels or all of the new ones, whenever the process dies. Raises UnavailableError where
        a label holds a key, or where the disk refuses.
        """
        before = self.read()
        after = latest(change(before))
        known = {id(label) for label in before}
        self._refuse_keys(label for label in after if id(label) not in known)
        data = encode_labels(after)
        if data != encode_labels(before):
            atomic_write(self.root / inside(self.path), data)
        return after

    def holds_key(self, label: Label) -> str | None:
        """What secret a label would carry into the repository, in words that do not repeat it; None for none."""
        return self.leaks.find(encode_labels([label]).decode())

    def _refuse_keys(self, labels: Iterable[Label]) -> None:
        for label in labels:
            secret = self.holds_key(label)
            if secret is not None:
                message = f"the label of case {label.case!r} of {label.prompt} is not written: it holds {secret}"
                raise UnavailableError(
                    Problem(message, self.path, hint="take it out of the case, the answer or the note")
                )

    def merge_by_union(self) -> bool:
        """See to it that git merges labels of two branches line by line; whether .gitattributes was changed for it."""
        if top_level(self.root) is None:
            return False
        folder = self.path.rpartition("/")[0]
        pattern = f"{folder}/*.labels.jsonl" if folder else "*.labels.jsonl"
        quoted = f'"{pattern}"' if " " in pattern else pattern
        return add_line(self.root, ".gitattributes", f"{quoted} merge=union").done != "kept"
