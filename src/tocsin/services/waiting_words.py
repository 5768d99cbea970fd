"""Why nothing leaves although something waits: said by the sender, which sees it first."""

from collections import Counter
from collections.abc import Iterator

from django.db.models import Q
from django.db.models.functions import Now

from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services.mail_place import find_mail_place
from tocsin.store.arming import explain_disarmed
from tocsin.store.home import find_home
from tocsin.store.models import Dispatch, Organisation, SendingStop


def explain_waiting() -> Iterator[str]:
    """Yield a sentence for each reason why messages of the installation wait that are due.

    Raises:
        SettingsUnfit: if `settings.toml` cannot be used.
    """
    due = Dispatch.everywhere.filter(
        Q(channel=str(Channel.EMAIL)) | Q(vendor__isnull=False),
        batch__isnull=True,
        state=DispatchState.QUEUED,
        not_before__lte=Now(),
        not_after__gt=Now(),
    )
    counts = Counter(due.values_list("organisation_id", "channel"))
    if not counts:
        return
    if because := explain_disarmed(find_home()):
        yield (
            f"{counts.total():,} messages wait, and nothing leaves: the sender is disarmed, "
            f"{'; '.join(because)}. If no other copy of this installation sends, run `tocsin "
            "sender arm --reason ...` here."
        )
        return
    n_mails = sum(n for (_, channel), n in counts.items() if channel == Channel.EMAIL)
    if n_mails and find_mail_place() is None:
        yield (
            f"{n_mails:,} mails wait, and no relay is set up. Write [mail] into settings.toml: "
            "docs/how-to/send-letters.md."
        )
    stops = SendingStop.everywhere.filter(ended_at__isnull=True).values("organisation_id")
    for row in Organisation.objects.filter(pk__in=stops).order_by("pk"):
        n_stopped = sum(n for (owner, _), n in counts.items() if owner == row.pk)
        if n_stopped:
            yield (
                f"{n_stopped:,} messages of {row.slug} wait: all its sending is stopped. A "
                "releaser lets it go on with `tocsin dispatch end-stop`."
            )
