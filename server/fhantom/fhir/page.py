"""The page on which a browser shows an answer: the resource, indented, escaped, with colours."""

from __future__ import annotations

import html
import re

_STYLE = """
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: #1c2733; background: #f6f7f9 }
header { padding: 12px 20px; background: #17324d; color: #fff }
header b { font-size: 17px } header span { opacity: .8; margin-left: 12px }
nav { padding: 8px 20px; background: #e6eaef } nav a { margin-right: 16px }
pre { margin: 0; padding: 16px 20px; font: 13px/1.5 ui-monospace, monospace; white-space: pre-wrap }
.k { color: #0b5394 } .s { color: #38761d } .n { color: #a64d00 } .t { color: #7b1fa2 }
a { color: #0b5394 }
"""

# One alternative for each kind of token; what matches none of them is left as it is.
_JSON_TOKEN = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\btrue\b|\bfalse\b|\bnull\b)"
)
_XML_TOKEN = re.compile(r'(?P<tag></?[\w:.-]+|/?>|<!--.*?-->)|(?P<string>"[^"]*")', re.DOTALL)
_CLASSES = {"key": "k", "string": "s", "number": "n", "tag": "t"}
_LINK = re.compile(r'^"(https?://[^\s"<>]+|[A-Z][A-Za-z]+/[A-Za-z0-9.\-]{1,64})"$')


def _coloured(text: str, token: re.Pattern[str], base: str) -> str:
    pieces = []
    at = 0
    for match in token.finditer(text):
        pieces.append(html.escape(text[at : match.start()], quote=False))
        pieces.append(_span(match[0], _CLASSES[match.lastgroup or "string"], base))
        at = match.end()
    pieces.append(html.escape(text[at:], quote=False))
    return "".join(pieces)


def _span(token: str, style: str, base: str) -> str:
    shown = html.escape(token, quote=False)
    link = _LINK.match(token) if style == "s" else None
    if link is not None:
        target = link[1] if link[1].startswith("http") else f"{base}/{link[1]}"
        shown = f'<a href="{html.escape(target)}">{shown}</a>'
    return f'<span class="{style}">{shown}</span>'


def render(text: str, *, is_json: bool, status: str, url: str, base: str) -> str:
    """A complete HTML document that shows `text`, which is JSON or XML (Turtle is shown as XML is).

    Args:
        status: status line of the answer, for example `200 OK`.
        url: what was asked, with query, relative to the server's root.
        base: address that relative references are resolved against.
    """
    body = _coloured(text, _JSON_TOKEN if is_json else _XML_TOKEN, base)
    separator = "&" if "?" in url else "?"
    forms = "".join(
        f'<a href="{html.escape(url + separator)}_format={name}">{name}</a>' for name in ("json", "xml", "ttl")
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{html.escape(url)}</title><style>{_STYLE}</style></head><body>"
        f"<header><b>{html.escape(status)}</b><span>{html.escape(url)}</span></header><nav>{forms}</nav>"
        f"<pre>{body}</pre></body></html>\n"
    )
