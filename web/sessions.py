"""Login and logout of people on the page, with the same keys that programs use."""

import re
from contextlib import suppress
from urllib.parse import quote

from flask import Blueprint, Flask, Response, g, make_response, render_template, request

from web import session_cookie
from web.accounts import gate, logged_in_as
from web.problems import Problem
from web.request_body import read_form

blueprint = Blueprint("sessions", __name__)

_LOCAL_TARGET = re.compile(r"/(?![/\\])[\x21-\x7e]{0,8000}", re.ASCII)


def install(app: Flask) -> None:
    """Give `app` the login page."""
    app.jinja_env.globals["login_target"] = login_target
    app.register_blueprint(blueprint)


@blueprint.get("/login")
def login_page() -> Response:
    """Show the login form, or who is logged in."""
    if gate().is_open():
        return _see_other(login_target())  # nobody is asked for a key
    visitor = None
    with suppress(Problem):
        visitor = g.visitor = gate().visitor()
    response = make_response(render_template("login.html", problem=None, visitor=visitor))
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/login")
def login() -> Response:
    """Take a key and begin a session with it."""
    given = read_form()
    target = g.login_target = safe_target(given.get("next", ""))
    if gate().is_open():
        return _see_other(target)
    token = gate().begin_session(given.get("key", "").strip())
    response = _see_other(target)
    longest_s = int(gate().session_longest.total_seconds())
    session_cookie.write(response, token, secure=gate().proxies.is_secure(), max_age_s=longest_s)
    return response


@blueprint.post("/logout")
def logout() -> Response:
    """End the session of the page."""
    response = _see_other("/login")
    if logged_in_as() is not None:
        gate().end_session()
        session_cookie.clear(response, secure=gate().proxies.is_secure())
        response.headers["Clear-Site-Data"] = '"cache"'  # the back button shows nothing of before
    return response


def login_target() -> str:
    """Return where a login leads from the running request: to what was asked for, else to the start."""
    if "login_target" in g:
        return str(g.login_target)
    if request.path == "/login":
        return safe_target(request.args.get("next", ""))
    if request.method not in ("GET", "HEAD"):
        return "/"
    query = request.query_string.decode("ascii", "replace")
    return safe_target(quote(request.path, safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else ""))


def safe_target(text: str) -> str:
    """Return `text` when it is an address on this server, else the start: a login leads to no other site."""
    return text if _LOCAL_TARGET.fullmatch(text) and text != "/login" else "/"


def _see_other(target: str) -> Response:
    """Send the browser on to `target`, which lies on this server, by GET."""
    return Response(status=303, headers={"Location": target, "Cache-Control": "no-store"})
