"""Letters: their texts, and the way of each version to its lock."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, ValidationError

from tocsin.api.bodies import checked_texts
from tocsin.api.endpoint import Endpoint
from tocsin.api.fields import OptionalLine, Sha256, Word
from tocsin.api.pages import Order
from tocsin.api.replies import made, state
from tocsin.formats.letter_file import LetterInvalid
from tocsin.outreach.letter import LetterText, letter_sha256
from tocsin.render.letters.pdf import LetterPdf
from tocsin.services import letter_approval, letter_preview, letters, trial_mails
from tocsin.services.letters import LetterSourceWritten
from tocsin.services.work import Caller

_SIGNED = "What is signed is the text with `seen_sha256`; it needs a code in `Tocsin-Code`."
Text = Annotated[
    dict[str, Any],
    Field(
        description="The whole text, as docs/how-to/write-letters.md has it.",
        examples=[
            {
                "letter": "patient-affected",
                "audience": "patient",
                "language": "en",
                "subject": "Your pump",
                "blocks": [],
            }
        ],
    ),
]


SeenText = Annotated[
    str,
    Field(
        pattern=r"^([0-9a-f]{64})?$",
        examples=["0" * 64],
        description="SHA-256 of the text that this one is to replace, empty if there was none: it "
        "is refused if somebody else has saved another one since. Left out, nothing is compared.",
    ),
]


@dataclass(frozen=True)
class Printed:
    """A letter as it would be printed, to an invented person.

    Attributes:
        pdf: the file, in Base64.
        sha256: of its bytes.
    """

    pdf: str
    sha256: str
    n_pages: int


@dataclass(frozen=True)
class HandedOver:
    """That a relay has taken a mail, with its own words."""

    answer: str


@dataclass(frozen=True)
class Source:
    """The source of a letter.

    Attributes:
        revision: its number.
        sha256: of its text.
        text: what it says.
    """

    revision: int
    sha256: str
    text: LetterText


def list_letter_sources(caller: Caller, action_id: int) -> list[Source]:
    """List the sources of an action's letters."""
    found = letters.list_letter_sources(caller, action_id)
    return [Source(revision, letter_sha256(text), text) for revision, text in found]


def write_letter_source(
    caller: Caller, action_id: int, text: Text, seen_text_sha256: SeenText | None = None
) -> LetterSourceWritten:
    """Write the source of a letter."""
    return letters.write_letter_source(caller, action_id, _read(text), seen_text_sha256)


def write_letter_version(
    caller: Caller,
    action_id: int,
    text: Text,
    seen_text_sha256: SeenText | None = None,
    seen_source_sha256: SeenText | None = None,
) -> int:
    """Write a letter in a language."""
    return letters.write_letter_version(
        caller, action_id, _read(text), seen_text_sha256, seen_source_sha256
    )


def preview_letter_text(caller: Caller, action_id: int, text: Text) -> LetterPdf:
    """Show a text that is not kept yet as it would be printed."""
    return letter_preview.preview_letter_text(caller, action_id, _read(text))


def _read(text: dict[str, Any]) -> LetterText:
    """Return a letter's text; which letter it is decides more than a type can say.

    Raises:
        LetterInvalid: naming the first place that cannot be.
    """
    try:
        return LetterText.model_validate(checked_texts(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/".join(map(str, first["loc"])) or "the whole text"
        raise LetterInvalid(
            f"The letter cannot be kept: {where}: {first['msg']}. Nothing was changed."
        ) from None


def _printed(found: LetterPdf) -> Printed:
    return Printed(b64encode(found.content).decode("ascii"), found.sha256, found.n_pages)


def _step(
    name: str,
    run: object,
    summary: str,
    *,
    explain: str = "",
    types: dict[str, object] | None = None,
) -> Endpoint:
    return Endpoint(
        "POST",
        f"/letters/{{version_id}}/{name}",
        run,  # type: ignore[arg-type]
        summary,
        shape=state,
        explain=explain,
        types=types or {},
    )


def _handed_over(answer: str) -> HandedOver:
    return HandedOver(answer)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/actions/{action_id}/letters",
        letters.list_letters,
        "List an action's letters, each language and country",
        order=Order(lambda line: (line.version_id,)),
    ),
    Endpoint(
        "GET",
        "/actions/{action_id}/letter-sources",
        list_letter_sources,
        "List the newest source of each letter of an action",
        order=Order(lambda source: (source.text.letter,)),
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/letter-previews",
        preview_letter_text,
        "Show a text that is not kept yet as it would be printed, to an invented person",
        shape=_printed,
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/letter-sources",
        write_letter_source,
        "Write the source of a letter",
        explain="Versions that hang on it become drafts again.",
    ),
    Endpoint(
        "POST",
        "/actions/{action_id}/letters",
        write_letter_version,
        "Write a letter in a language, for a country or for all",
        shape=made,
        status=201,
    ),
    Endpoint("GET", "/letters/{version_id}", letters.read_letter, "Show a letter"),
    Endpoint(
        "GET",
        "/letters/{version_id}/pdf",
        letter_preview.preview_letter,
        "Show a letter as it would be printed, to an invented person",
        shape=_printed,
    ),
    Endpoint(
        "POST",
        "/letters/{version_id}/test-mail",
        trial_mails.send_test_mail,
        "Send a letter to the address of the token's user, with invented data",
        shape=_handed_over,
        explain="It is no dispatch and counts for nothing.",
    ),
    Endpoint(
        "POST",
        "/letters/{version_id}/ticks",
        letter_approval.tick_letter,
        "Tick an item of a letter's checklist",
        shape=made,
        types={"seen_sha256": Sha256, "item": Word, "not_applicable": OptionalLine},
    ),
    _step("finish", letter_approval.finish_translation, "Say that a translation is finished"),
    _step("return", letter_approval.return_letter_version, "Give a letter back to its author"),
    _step(
        "review",
        letter_approval.review_letter_version,
        "Sign a letter as its reviewer",
        explain=_SIGNED,
    ),
    _step(
        "submit",
        letter_approval.submit_letter_version,
        "Note that an authority has it",
        types={"authority": Word},
    ),
    _step(
        "agree",
        letter_approval.agree_letter_version,
        "Note that the authority agrees",
        explain=_SIGNED,
        types={"reference": Word},
    ),
    _step(
        "waive",
        letter_approval.waive_letter_agreement,
        "Do without an authority's agreement",
        explain=_SIGNED,
    ),
    _step("lock", letter_approval.lock_letter_version, "Lock a letter", explain=_SIGNED),
)
