"""What the form of a page would send, as a browser reads it; and the page's text."""

import html
import re
from html.parser import HTMLParser
from typing import Any


class _Forms(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self.inside = False
        self.fields: dict[str, str] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = (
                held.get("id", "") == self.form
                if self.form
                else (
                    held.get("method") == "post" and "enctype" not in held and "action" not in held
                )
            )
        if not self.inside:
            return
        name = held.get("name", "")
        if tag == "input" and name:
            is_choice = held.get("type") in {"checkbox", "radio"}
            if not is_choice or "checked" in held:
                self.fields[name] = held.get("value", "on" if is_choice else "")
        elif tag == "textarea":
            self.area = name
            self.fields[name] = ""
        elif tag == "select":
            self.select = name
            self.fields.setdefault(name, "")
        elif tag == "option" and self.select and "selected" in held:
            self.fields[self.select] = held.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area] += data


def fields_of_page(answer: Any, form: str = "") -> dict[str, str]:
    """Return names and values of a form: the one with an id, else that of the page's address."""
    reader = _Forms(form)
    reader.feed(answer.content.decode())
    return {
        name: value.removeprefix("\n").removeprefix("\r\n")
        for name, value in reader.fields.items()
        if name != "csrfmiddlewaretoken"
    }


def text_of_page(answer: Any) -> str:
    """Return the words of a page in one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def faulty_fields(answer: Any) -> list[str]:
    """Return the names of the fields beside which a fault stands, in the order of the page."""
    return re.findall(r'class="fault" id="id_([\w-]+)_error"', answer.content.decode())


def counts_of_page(answer: Any) -> dict[str, tuple[int, int, int]]:
    """Return affected, cannot tell and not affected by the first cell of a table of counts."""
    rows = re.findall(
        r'<th scope="row">([^<]+)</th>' + r'<td class="number">([\d,]+)</td>' * 3,
        answer.content.decode(),
    )
    return {
        html.unescape(name): tuple(int(each.replace(",", "")) for each in told)  # type: ignore[misc]
        for name, *told in rows
    }
