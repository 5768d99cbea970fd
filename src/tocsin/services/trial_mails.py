"""A letter as a mail to oneself, before anything is released: about nobody, marked as a trial."""

from tocsin.base.errors import TocsinError
from tocsin.delivery.channel import AddressUnfit, ChannelUnfit, Envelope, Handed
from tocsin.delivery.mail_message import MailParts, build_mail
from tocsin.delivery.smtp_relay import SmtpRelay
from tocsin.outreach.letter_fields import fill_letter
from tocsin.render.letter_plain import render_plain
from tocsin.services.letter_values import sample_values
from tocsin.services.letter_work import find_version
from tocsin.services.mail_place import find_mail_place
from tocsin.services.work import Work, service
from tocsin.store.letter_rows import read_text, version_name
from tocsin.store.models import User

_MARK = "[TRIAL]"


class TrialNotSent(TocsinError):
    """The trial mail could not be handed over."""

    code = "trial_not_sent"


@service
def send_test_mail(work: Work, version_id: int) -> str:
    """Send a letter to the caller's own address, with invented data; return the relay's answer.

    Right: author, reviewer, releaser, operator. Leaves test_mail_sent. It is no dispatch: it
    counts for nothing, and is sent whether the sender is armed or not.

    Raises:
        LetterUnknown: if there is no such letter.
        TrialNotSent: if no relay is set up, or it does not take the mail.
    """
    version, user = find_version(version_id), User.objects.get(pk=work.user_id)
    place, letter = find_mail_place(), read_text(version)
    if place is None:
        raise TrialNotSent(
            "No relay is set up here, so nothing was sent. Write [mail] into settings.toml: "
            "docs/how-to/send-letters.md."
        )
    letter = fill_letter(letter, sample_values(work.now))
    content = build_mail(
        MailParts(
            place.mail.sender_name,
            place.mail.sender,
            user.name,
            user.email,
            f"{_MARK} {letter.subject}",
            f"{_MARK} Invented data. Nobody else gets this mail.\n\n{render_plain(letter)}",
            f"<trial.{version.pk}.{work.now:%Y%m%d%H%M%S%f}@{place.mail.domain}>",
            work.now,
            letter.language,
        )
    )
    relay = SmtpRelay(place.relay())
    try:
        relay.open()
        envelope = Envelope(place.mail.sender, user.email, f"trial-{version.pk}")
        answer = relay.offer(envelope, content) or relay.hand_over()
    except AddressUnfit as error:
        raise TrialNotSent(
            "Your own address is none that a relay takes, so nothing was sent. Ask an "
            "administrator to correct it."
        ) from error
    except ChannelUnfit as error:
        raise TrialNotSent(f"{error}. Nothing was sent. Check [mail] in settings.toml.") from error
    finally:
        relay.close()
    if answer.outcome is not Handed.ACCEPTED:
        raise TrialNotSent(
            f"The relay did not take the trial mail ({answer.code} {answer.text}). Ask who runs it."
        )
    work.record(
        "test_mail_sent",
        f"letter_version:{version.pk}",
        new={"to": f"user:{user.pk}", "letter": version_name(version)},
    )
    return f"{answer.code} {answer.text}"
