"""Sample calls of the services that write a letter and lead its versions to the lock."""

from tests.services.sample_action_calls import open_empty
from tests.services.sample_calls import OF_ACME, Call, World, sample
from tocsin.outreach.letter import LetterText
from tocsin.services import letter_approval, letter_preview, letters
from tocsin.store.roles import Role

KEY = "clinician"


def text(said: str = OF_ACME, country: str | None = None, language: str = "en") -> LetterText:
    """Return a letter's text that says one thing."""
    paragraph = {"kind": "paragraph", "text": f"Stop using the {said}."}
    tree = {"letter": KEY, "audience": "clinician", "language": language, "country": country}
    return LetterText.model_validate({**tree, "subject": f"Your {said}", "blocks": [paragraph]})


def write(world: World, action: int | None = None) -> int:
    """Write a source and a version of it for one country; return the version's id."""
    number = open_empty(world) if action is None else action
    author = world.having(Role.AUTHOR)
    letters.write_letter_source(author, number, text())
    return letters.write_letter_version(author, number, text(country="FR", language="fr"))


def seen(world: World, version: int) -> str:
    return letters.read_letter(world.having(Role.AUDITOR), version).line.sha256


def finish(world: World, action: int | None = None) -> int:
    version, author = write(world, action), world.having(Role.AUTHOR)
    view = letters.read_letter(author, version)
    items = list(view.checklist)
    letter_approval.tick_letter(author, version, view.line.sha256, items)
    letter_approval.finish_translation(author, version)
    return version


def review(world: World, action: int | None = None) -> int:
    version = finish(world, action)
    reviewer = world.second(Role.REVIEWER)
    letter_approval.review_letter_version(reviewer, version, seen(world, version))
    return version


def submit(world: World) -> int:
    version = review(world)
    letter_approval.submit_letter_version(world.having(Role.AUTHOR), version, f"{OF_ACME} agency")
    return version


def agree(world: World, action: int | None = None) -> int:
    version = review(world, action)
    releaser = world.rightful("waive_letter_agreement", world.acme)
    letter_approval.waive_letter_agreement(releaser, version, seen(world, version), "a small firm")
    return version


def lock_for_patients(world: World, action: int) -> int:
    """Write a letter to patients, in English for every country, and lock it; return its id."""
    author, tree = world.having(Role.AUTHOR), text().model_dump(mode="json")
    first = {"kind": "callout", "urgency": "emergency", "lines": ["Call for help now."]}
    about = {"letter": "patient-affected", "audience": "patient"}
    patient = LetterText.model_validate({**tree, **about, "blocks": [first, *tree["blocks"]]})
    letters.write_letter_source(author, action, patient)
    version = letters.write_letter_version(author, action, patient)
    view = letters.read_letter(author, version)
    looked = view.line.sha256
    letter_approval.tick_letter(author, version, looked, list(view.checklist))
    letter_approval.finish_translation(author, version)
    letter_approval.review_letter_version(world.second(Role.REVIEWER), version, looked)
    for name in ("waive_letter_agreement", "lock_letter_version"):
        step, more = getattr(letter_approval, name), ("a small firm",) * name.startswith("waive")
        step(world.rightful(name, world.acme), version, looked, *more)
    return version


def lock(world: World, action: int) -> int:
    """Write a letter of an action and lock it; return the version's id."""
    version = agree(world, action)
    releaser = world.rightful("lock_letter_version", world.acme)
    letter_approval.lock_letter_version(releaser, version, seen(world, version))
    return version


@sample
def write_letter_source(world: World) -> Call:
    action = open_empty(world)
    lock(world, action)
    return Call(letters.write_letter_source, action, text(f"{OF_ACME} now"))


@sample
def write_letter_version(world: World) -> Call:
    action = open_empty(world)
    lock(world, action)
    return Call(letters.write_letter_version, action, text(f"{OF_ACME} 2", "FR", "fr"))


@sample
def list_letters(world: World) -> Call:
    action = open_empty(world)
    letters.write_letter_source(world.having(Role.AUTHOR), action, text())
    submitted = letters.write_letter_version(world.having(Role.AUTHOR), action, text(country="US"))
    letter_approval.finish_translation(world.having(Role.AUTHOR), submitted)
    reviewer = world.having(Role.REVIEWER)
    letter_approval.return_letter_version(reviewer, submitted, f"say {OF_ACME}")
    return Call(letters.list_letters, action)


@sample
def list_letter_sources(world: World) -> Call:
    action = open_empty(world)
    write(world, action)
    return Call(letters.list_letter_sources, action)


@sample
def read_letter(world: World) -> Call:
    return Call(letters.read_letter, write(world))


@sample
def preview_letter(world: World) -> Call:
    return Call(letter_preview.preview_letter, write(world))


@sample
def preview_letter_text(world: World) -> Call:
    return Call(letter_preview.preview_letter_text, open_empty(world), text())


@sample
def tick_letter(world: World) -> Call:
    version = write(world)
    return Call(letter_approval.tick_letter, version, seen(world, version), ["every-letter.device"])


@sample
def finish_translation(world: World) -> Call:
    return Call(letter_approval.finish_translation, write(world))


@sample
def return_letter_version(world: World) -> Call:
    return Call(letter_approval.return_letter_version, submit(world), "the hotline is missing")


@sample
def review_letter_version(world: World) -> Call:
    version = finish(world)
    second = world.second(Role.REVIEWER)
    return Call(letter_approval.review_letter_version, version, seen(world, version), by=second)


@sample
def submit_letter_version(world: World) -> Call:
    return Call(letter_approval.submit_letter_version, review(world), f"{OF_ACME} agency")


@sample
def agree_letter_version(world: World) -> Call:
    version = submit(world)
    return Call(letter_approval.agree_letter_version, version, seen(world, version), "A-17")


@sample
def waive_letter_agreement(world: World) -> Call:
    version = review(world)
    why = "no authority of this country asks for it"
    return Call(letter_approval.waive_letter_agreement, version, seen(world, version), why)


@sample
def lock_letter_version(world: World) -> Call:
    version = agree(world)
    return Call(letter_approval.lock_letter_version, version, seen(world, version))
