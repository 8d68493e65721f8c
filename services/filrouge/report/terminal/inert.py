"""Text from outside, made fit for a terminal: it can neither move the cursor nor the columns."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len, set_cell_size

_EMOJI_PRESENTATION = "\ufe0f"  # terminals disagree on the width it asks for


def inert(text: str, encoding: str = "utf-8") -> str:
    r"""The text on one line, with all that a terminal would obey or could not show as escapes.

    Control characters, line breaks, escape sequences, invisible and bidirectional format
    characters become `\x1b`, `\n`, `\u202e`; so does what the encoding lacks. Spaces of any
    width become plain ones.
    """
    plain = text.replace(_EMOJI_PRESENTATION, "")
    shown = plain if plain.isprintable() else "".join(map(_visible, plain))
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def cut(text: str, cells: int, ellipsis: str) -> str:
    """Inert text in at most so many terminal cells; a longer one ends in the ellipsis."""
    if cell_len(text) <= cells:
        return text
    room = cells - cell_len(ellipsis)
    return set_cell_size(text, max(room, 0)).rstrip() + ellipsis[:cells]


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode()
