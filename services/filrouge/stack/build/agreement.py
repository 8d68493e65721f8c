"""Whether collector/go.mod was renewed since collector/builder.yaml changed."""

from __future__ import annotations

import re
from pathlib import Path

from filrouge.errors import UsageError
from filrouge.stack.build.versions import BUILDER_MANIFEST, read_text


def check_agreement(folder: Path) -> None:
    """Compares the modules of builder.yaml with those that go.mod requires.

    Go itself would only say that some package is in no module; and a component at another version
    in go.mod would be built without a word.

    Raises:
        UsageError: some component is missing there, or has another version.
    """
    # Without a YAML parser, which nothing else here needs: a component is `gomod: MODULE VERSION`.
    text = re.sub(r"#.*", "", read_text(folder / BUILDER_MANIFEST))
    asked = re.findall(r"\bgomod:\s*[\"']?(\S+)\s+(v[^\s,}\"']+)", text)
    required = dict(
        re.findall(r"^(?:require)?\s*(\S+) (v\S+)", read_text(folder / "go.mod"), re.MULTILINE)
    )
    differing = [
        f"{module} {version} (go.mod: {required.get(module, 'missing')})"
        for module, version in asked
        if required.get(module) != version
    ]
    if differing:
        raise UsageError(
            f"{folder / 'go.mod'} does not have what {BUILDER_MANIFEST} asks for: "
            f"{', '.join(differing)}. Run `filrouge stack lock collector` and commit what it wrote"
        )
