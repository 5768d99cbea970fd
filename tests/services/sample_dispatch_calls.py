"""Sample calls of the services that queue, watch and settle dispatches."""

import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from tests.services.lists import import_list, write_list
from tests.services.sample_action_calls import match
from tests.services.sample_calls import NOW, OF_ACME, PRIVATE, Call, World, sample, stage_on
from tests.services.sample_letter_calls import lock_for_patients
from tests.services.sample_registry_calls import LIST
from tests.services.sample_release_calls import release_matched, seen_letters
from tocsin.outreach.call_outcomes import CallOutcome
from tocsin.outreach.channels import Channel
from tocsin.outreach.dispatch_states import DispatchState
from tocsin.services import (
    action_course,
    clinic_letters,
    conservation,
    contact_repairs,
    dispatches,
    escalating,
    failed_dispatches,
    hand_deliveries,
    hand_overs,
    heard_back,
    letter_release,
    listed_recipients,
    mail_making,
    release_preview,
    sending_stops,
    trial_mails,
    unknown_outcomes,
)
from tocsin.services.work import WORKER
from tocsin.store.home import find_home
from tocsin.store.models import ContactRepair, Dispatch, DispatchAttempt, Holder
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

COLUMNS = ("holder_id", "name", "email", "phone", "address_lines", "clinic_id")
PEOPLE = [
    (f"{PRIVATE}-1", f"{PRIVATE} One", f"{PRIVATE}1@example.org", "555-0101", f"{PRIVATE} 1", "C1"),
    (f"{PRIVATE}-2", f"{PRIVATE} Two", "", "555-0102", "", ""),
]


@stage_on(match)
def run_action(world: World) -> int:
    """Release the letters of an action and start it: one letter to post, one call; its id."""
    action = match(world)
    with TemporaryDirectory() as folder:
        path = write_list(Path(folder) / "h.csv", COLUMNS, PEOPLE)
        import_list(world.having(Role.OPERATOR), LIST, path, "holders")
    release_matched(world, action)
    seen = seen_letters(world, action)
    letter_release.review_letters(world.second(Role.REVIEWER), action, seen)
    letter_release.release_letters(world.rightful("release_letters", world.acme), action, seen)
    action_course.start_action(world.having(Role.OPERATOR), action)
    with acting_for(world.acme):
        Dispatch.objects.update(not_before=NOW)
    return action


def put(world: World, state: DispatchState, channel: Channel = Channel.LETTER) -> int:
    """Put the dispatch of a channel into a state, and return its id."""
    run_action(world)
    with acting_for(world.acme):
        row = Dispatch.objects.get(channel=str(channel))
        Dispatch.objects.filter(pk=row.pk).update(state=str(state))
        return row.pk


def as_mail(world: World, state: DispatchState) -> Dispatch:
    """Return a dispatch that looks like a mail in a state."""
    run_action(world)
    with acting_for(world.acme):
        row = Dispatch.objects.get(channel=str(Channel.LETTER))
        made = Dispatch.objects.create(
            action=row.action,
            recipient=row.recipient,
            letter_version_id=row.letter_version_id,
            person_id=row.person_id,
            addressee_id=row.addressee_id,
            channel=str(Channel.EMAIL),
            purpose=row.purpose,
            state=str(state),
            state_at=NOW,
            queued_at=NOW,
            not_before=NOW,
            not_after=row.not_after,
            message_id="<1.quitte@acme.example>",
            bounce_token="quittetoken",
        )
        DispatchAttempt.objects.create(
            dispatch=made, fence=1, ended_at=NOW, outcome="lose_sight", reply=OF_ACME
        )
        return made


@sample
def read_dispatch_preview(world: World) -> Call:
    action = match(world)
    release_matched(world, action)
    seen_letters(world, action)
    return Call(release_preview.read_dispatch_preview, action)


@sample
def access_sample_letter(world: World) -> Call:
    action = match(world)
    with TemporaryDirectory() as folder:
        path = write_list(Path(folder) / "h.csv", COLUMNS, PEOPLE)
        import_list(world.having(Role.OPERATOR), LIST, path, "holders")
    release_matched(world, action)
    seen_letters(world, action)
    told = release_preview.read_dispatch_preview(world.having(Role.AUDITOR), action)
    return Call(release_preview.access_sample_letter, action, told.samples[0].person)


@sample
def keep_mails(world: World) -> Call:
    release = as_mail(world, DispatchState.BEING_MADE).recipient.release_id
    worker = world.installation(world.acme, WORKER)
    with acting_for(world.acme):
        made = with_relay(mail_making.make_some_mails)(release, NOW)
    return Call(mail_making.keep_mails, made, by=worker)


@sample
def list_recipients(world: World) -> Call:
    return Call(listed_recipients.list_recipients, run_action(world))


@sample
def list_dispatches(world: World) -> Call:
    return Call(dispatches.list_dispatches, run_action(world))


@sample
def read_dispatch(world: World) -> Call:
    return Call(dispatches.read_dispatch, as_mail(world, DispatchState.UNKNOWN).pk)


@sample
def read_sending(world: World) -> Call:
    return Call(dispatches.read_sending, run_action(world))


@sample
def read_conservation(world: World) -> Call:
    return Call(conservation.read_conservation, run_action(world))


@sample
def note_conservation(world: World) -> Call:
    row = as_mail(world, DispatchState.ACCEPTED)  # of which no answer tells
    return Call(
        conservation.note_conservation, row.action_id, by=world.installation(world.acme, WORKER)
    )


@sample
def stop_sending(world: World) -> Call:
    run_action(world)
    return Call(sending_stops.stop_sending, "wrong letter")


@sample
def read_sending_stop(world: World) -> Call:
    sending_stops.stop_sending(world.having(Role.OPERATOR), "wrong letter")
    return Call(sending_stops.read_sending_stop)


@sample
def end_sending_stop(world: World) -> Call:
    sending_stops.stop_sending(world.having(Role.OPERATOR), "wrong letter")
    return Call(sending_stops.end_sending_stop, "the letter was right")


@sample
def list_unknown(world: World) -> Call:
    as_mail(world, DispatchState.UNKNOWN)
    return Call(unknown_outcomes.list_unknown)


@sample
def decide_unknown(world: World) -> Call:
    row = as_mail(world, DispatchState.UNKNOWN)
    decision = unknown_outcomes.Decision.OTHER_WAY
    return Call(
        unknown_outcomes.decide_unknown, row.pk, decision, "nobody answers", Channel.TELEPHONE
    )


@sample
def follow_up_failure(world: World) -> Call:
    return Call(failed_dispatches.follow_up_failure, put(world, DispatchState.RETURNED))


@sample
def expire_dispatch(world: World) -> Call:
    dispatch = put(world, DispatchState.QUEUED)
    worker = world.installation(world.acme, WORKER)
    return Call(failed_dispatches.expire_dispatch, dispatch, by=worker)


@sample
def climb_ladder(world: World) -> Call:
    action = run_action(world)
    with acting_for(world.acme):
        Dispatch.objects.update(state=str(DispatchState.POSTED))
    caller = world.having(Role.OPERATOR)
    later = type(caller)(
        caller.actor, caller.organisation_id, caller.roles, NOW + timedelta(days=40)
    )
    return Call(escalating.climb_ladder, action, by=later)


@sample
def keep_notifications(world: World) -> Call:
    as_mail(world, DispatchState.ACCEPTED)
    return Call(heard_back.keep_notifications, [NOTIFICATION])


@sample
def keep_relay_log(world: World) -> Call:
    as_mail(world, DispatchState.UNKNOWN)
    return Call(heard_back.keep_relay_log, LOG.splitlines())


@sample
def send_test_mail(world: World) -> Call:
    version = lock_for_patients(world, match(world))
    return Call(with_relay(trial_mails.send_test_mail), version)


def with_relay(service: Callable[..., Any]) -> Callable[..., Any]:
    """Return a service as it runs while a relay is set up and takes everything."""

    def run(*args: Any) -> Any:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        server = Controller(Sink(), hostname="127.0.0.1", port=port)
        server.start()
        settings = find_home().folder / "settings.toml"
        settings.write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "a@{OF_ACME}.example"\n'
        )
        try:
            return service(*args)
        finally:
            settings.unlink()
            server.stop()

    return run


@sample
def list_by_hand(world: World) -> Call:
    return Call(hand_deliveries.list_by_hand, run_action(world), Channel.LETTER)


@sample
def access_call(world: World) -> Call:
    dispatch = put(world, DispatchState.QUEUED, Channel.TELEPHONE)
    return Call(hand_deliveries.access_call, dispatch)


@sample
def note_call(world: World) -> Call:
    dispatch = put(world, DispatchState.QUEUED, Channel.TELEPHONE)
    return Call(hand_deliveries.note_call, dispatch, CallOutcome.SPOKEN)


def at_clinic(world: World) -> Dispatch:
    """Let the letter of somebody who was told by mail also wait at their clinic."""
    row = as_mail(world, DispatchState.ACCEPTED)
    with acting_for(world.acme):
        return Dispatch.objects.create(
            action=row.action,
            recipient=row.recipient,
            letter_version_id=row.letter_version_id,
            person_id=row.person_id,
            addressee_id=row.addressee_id,
            channel=str(Channel.CLINIC),
            purpose=row.purpose,
            state_at=NOW,
            queued_at=NOW,
            not_before=NOW,
            not_after=row.not_after,
        )


@sample
def note_clinic(world: World) -> Call:
    return Call(hand_deliveries.note_clinic, at_clinic(world).pk, "hand_over")


@sample
def list_hand_overs(world: World) -> Call:
    return Call(hand_overs.list_hand_overs, at_clinic(world).action_id)


@sample
def access_hand_overs(world: World) -> Call:
    return Call(hand_overs.access_hand_overs, *clinic_of(world))


def clinic_of(world: World) -> tuple[int, int, str]:
    """Return an action with a letter at a clinic, and the clinic."""
    row = at_clinic(world)
    with acting_for(world.acme):
        holder = Holder.objects.filter(person_id=row.person_id).first()
    clinic = (holder.registry_id, holder.clinic_id) if holder and holder.clinic_id else (0, "-")
    return row.action_id, *clinic


@sample
def access_clinic_letters(world: World) -> Call:
    return Call(clinic_letters.access_clinic_letters, *clinic_of(world))


@sample
def keep_clinic_letters(world: World) -> Call:
    operator, (action, *clinic) = world.having(Role.OPERATOR), clinic_of(world)
    waiting, _ = clinic_letters.access_clinic_letters(operator, action, *clinic)
    with acting_for(world.acme):
        made, left_out = clinic_letters.make_letters(waiting, NOW)
    return Call(clinic_letters.keep_clinic_letters, action, made, left_out, "0" * 64)


@sample
def note_hand_overs(world: World) -> Call:
    row = at_clinic(world)
    return Call(hand_overs.note_hand_overs, row.action_id, "hand_over", [row.pk], OF_ACME)


@sample
def note_letters(world: World) -> Call:
    dispatch = put(world, DispatchState.QUEUED)
    with acting_for(world.acme):
        action = Dispatch.objects.get(pk=dispatch).action_id
    return Call(hand_deliveries.note_letters, action, "printed", [dispatch])


def open_repair(world: World) -> int:
    """Open a task to repair a contact of which nothing is under way, and return its id."""
    dispatch = put(world, DispatchState.RETURNED)
    failed_dispatches.follow_up_failure(world.having(Role.OPERATOR), dispatch)
    with acting_for(world.acme):
        ContactRepair.objects.update(because=OF_ACME)
        return ContactRepair.objects.get().pk


@sample
def list_repairs(world: World) -> Call:
    repair = open_repair(world)
    with acting_for(world.acme):
        action = ContactRepair.objects.get(pk=repair).action_id
    return Call(contact_repairs.list_repairs, action)


@sample
def close_repair(world: World) -> Call:
    return Call(contact_repairs.close_repair, open_repair(world), "moved abroad")


NOTIFICATION = b"""\
From: MAILER-DAEMON@relay.example
To: bounces+quittetoken@acme.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; zwetschge@example.org
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <zwetschge@example.org>: no such user

--b--
"""
LOG = """\
Dec  1 04:10:00 relay postfix/cleanup[11]: 4X2abcDEF01: message-id=<1.quitte@acme.example>
Dec  1 04:10:00 relay postfix/qmgr[12]: 4X2abcDEF01: from=<b@acme.example>, size=9, nrcpt=1
"""
