"""A tour of the desk in a browser: sign in as one of the demonstration's users, follow the links.

Each kind of page (each route) is looked at once, by the first user who comes to it.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

from tocsin.services.demo_users import PASSWORD, demo_email
from tocsin.store.roles import Role

OPEN_PAGES = ("/desk/sign-in/", "/desk/sign-in/forgotten/", "/desk/demo/", "/desk/demo/mail/")
_LINKS = "() => [...document.querySelectorAll('a[href]')].map(each => each.href)"


def sign_in(page: Any, site: str, role: Role) -> None:
    """Sign in as the user of a role, with the code of their app if they have one."""
    page.goto(f"{site}/desk/sign-in/")
    page.fill("#id_login", demo_email(role))
    page.fill("#id_password", PASSWORD)
    press(page, "main form .button")
    used = ""
    while page.url.endswith("/code/"):  # a code counts once, so the next one may be needed
        code = code_now(page, site, role)
        if code == used:
            page.wait_for_timeout(1000)
            continue
        page.fill("#id_code", code)
        press(page, "main form .button")
        used = code
    assert page.url == f"{site}/desk/", page.url


def sign_out(page: Any) -> None:
    press(page, ".whoami button")


def code_now(page: Any, site: str, role: Role) -> str:
    """Return what the app of a role's user shows now, as the demonstration tells it."""
    other = page.context.new_page()
    other.goto(f"{site}/desk/demo/")
    code: str = other.locator(f"tr:has-text('{demo_email(role)}') td >> nth=-1").inner_text()
    other.close()
    return code


def tour(page: Any, site: str, seen: set[str]) -> Iterator[str]:
    """Yield the route of each page that can be reached by links, while the browser shows it.

    Routes in ``seen`` are left out, and those that were looked at are added.
    """
    waiting, queued = deque([f"{site}/desk/"]), {f"{site}/desk/"}
    while waiting:
        address = waiting.popleft()
        name = route_of(address)
        is_new = name is not None and name not in seen
        if not is_new and address != f"{site}/desk/":
            continue
        answer = page.request.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            seen.add(name or "")
            continue
        page.goto(address)
        if is_new:
            seen.add(name or "")
            yield f"{name} {urlsplit(page.url).path}"
            page.goto(address)
        for link in page.evaluate(_LINKS):
            bare = link.partition("#")[0]
            if urlsplit(bare).netloc == urlsplit(site).netloc and bare not in queued:
                queued.add(bare)
                waiting.append(bare)


def route_of(address: str) -> str | None:
    """Return the name of a page of the desk; None for what is none, or only does something."""
    path = urlsplit(address).path
    if not path.startswith("/desk/"):
        return None
    try:
        return resolve(path).view_name or None
    except Resolver404:
        return None


def press(page: Any, selector: str) -> None:
    """Press what leads to another page, and wait for it."""
    with page.expect_navigation():
        page.click(selector)
