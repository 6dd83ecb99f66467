"""Sign-in: a form that lets the browser remember the key, as it cannot send a header by itself."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request

from fhantom.errors import Forbidden, TooLarge
from fhantom.gateway.keys import KeyRing
from fhantom.gateway.refusals import Reason
from fhantom.pages.frame import page, root_of
from fhantom.settings import BUILT_IN_KEY
from fhantom.site import Site
from fhantom.wire import session

_LONGEST_FORM = 8192

_REFUSALS = {
    Reason.NO_KEY: "Type the key first.",
    Reason.WRONG_KEY: "This key is not accepted.",
    Reason.TWO_KEYS: "A key holds no comma.",
    Reason.EXPIRED_KEY: "This key has expired.",
}


def register(pages: Blueprint, site: Site) -> None:
    """Add the form and what it sends to."""
    keys = KeyRing(site.settings, site.clock)

    def form(problem: str = "", status: int = 200) -> Response:
        hint = BUILT_IN_KEY if BUILT_IN_KEY in site.settings.keys else ""
        wanted = _own_path(request.values.get("next", ""))
        return page("sign_in", "Sign in", {"problem": problem, "hint": hint, "next": wanted}, status)

    @pages.get("/sign-in")
    def sign_in() -> Response:
        return form()

    @pages.post("/sign-in")
    def signed_in() -> Response:
        _refuse_other_sites()
        if (request.content_length or 0) > _LONGEST_FORM:
            raise TooLarge("the form is larger than any key")
        key = request.form.get("key", "").strip()
        reason = keys.check(key) or (None if site.settings.any_key or key else Reason.NO_KEY)
        if reason is None and key and not session.may_be_kept(key):
            reason = Reason.WRONG_KEY
        if reason is not None:
            return form(_REFUSALS[reason], 403)
        if session.is_marked(request.environ):  # a script of the viewer, which stays where it is
            answer = Response(status=204)
        else:
            answer = _see(root_of(request.environ) + _own_path(request.form.get("next", "")))
        if key:
            session.keep(answer, key, secure=request.environ["wsgi.url_scheme"] == "https")
        return answer

    @pages.post("/sign-out")
    def sign_out() -> Response:
        _refuse_other_sites()
        answer = _see(f"{root_of(request.environ)}/sign-in")
        session.forget(answer)
        return answer


def _refuse_other_sites() -> None:
    """A page elsewhere must not sign anybody in or out (Fetch Metadata 2.3, where the browser sends it)."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("the form of another site is not taken")


def _see(address: str) -> Response:
    answer = redirect(address, 303, Response)
    assert isinstance(answer, Response)
    return answer


def _own_path(text: str) -> str:
    """A path of this server, so that no link to the form leads elsewhere afterwards."""
    is_own = text.startswith("/") and text[1:2] not in ("/", "\\") and text.isascii() and text.isprintable()
    return text if is_own else "/"
