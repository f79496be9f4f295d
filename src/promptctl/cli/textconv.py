"""`promptctl textconv`: a file in its normal form, for git's diff driver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli import boundary


def textconv(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file, as git hands it over.", show_default=False)],
) -> int:
    """Print a prompt or golden set in its normal form: one sentence a line, messages under headings.

    What is neither, or cannot be read as YAML, is printed as it is: git's diff must never fail because of a file.
    """
    import sys

    from promptctl.model.errors import InputError, Problem
    from promptctl.model.source import Blob
    from promptctl.text.normal import normal_form

    try:
        data = file.read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=str(file))) from None
    form = normal_form(Blob(path=file.name, data=data))
    _forget_plain_texts()
    sys.stdout.buffer.write(data if form is None else form.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
    return boundary.ExitCode.OK


def _forget_plain_texts() -> None:
    """Where git was shown plain text while promptctl was missing, have it forget what it kept of that."""
    from promptctl.adapters.checkout import common_dir
    from promptctl.adapters.git_drivers import MARKER

    folder = common_dir(Path.cwd())
    if folder is not None and (folder / MARKER).exists():
        from promptctl.adapters.git_install import renew_key

        renew_key(Path.cwd(), folder / MARKER)
