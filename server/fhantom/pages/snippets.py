"""A request as a person would type it into a program: curl, Python, JavaScript."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

VARIABLE = "SIIM_API_KEY"


@dataclass(frozen=True, slots=True)
class Snippet:
    """The request in one language."""

    language: str
    text: str


def snippets(url: str, accept: str) -> tuple[Snippet, ...]:
    """A GET of `url`, with the key taken from the environment in each language's own way."""
    quoted = json.dumps(url)
    curl = f'curl -H "apikey: ${VARIABLE}" -H {shlex.quote(f"Accept: {accept}")} \\\n  {shlex.quote(url)}'
    python = (
        "import os\n\nimport requests\n\n"
        "answer = requests.get(\n"
        f"    {quoted},\n"
        f'    headers={{"apikey": os.environ["{VARIABLE}"], "Accept": {json.dumps(accept)}}},\n'
        ")\n"
        "answer.raise_for_status()\n"
        "print(answer.json())"
    )
    javascript = (
        f"const answer = await fetch({quoted}, {{\n"
        f"  headers: {{ apikey: process.env.{VARIABLE}, Accept: {json.dumps(accept)} }},\n"
        "});\n"
        "if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);\n"
        "console.log(await answer.json());"
    )
    return (Snippet("curl", curl), Snippet("Python", python), Snippet("JavaScript", javascript))


def export_of(key: str) -> str:
    """The line that puts the key itself into the environment."""
    return f"export {VARIABLE}={shlex.quote(key)}"
