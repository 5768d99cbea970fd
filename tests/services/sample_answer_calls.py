"""Sample calls of the services for answers, complaints, effectiveness checks and the funnel."""

from tests.services.sample_calls import PRIVATE, Call, World, sample, stage_on
from tests.services.sample_person_calls import keep_one
from tests.services.sample_release_calls import let_letters_out
from tocsin.outreach.reply import (
    DeviceOutcome,
    DeviceReply,
    Doing,
    PersonOutcome,
    Reply,
)
from tocsin.report.check_levels import CheckLevel
from tocsin.report.check_result import QUESTIONS
from tocsin.services import (
    action_course,
    answer_files,
    answer_forms,
    answer_views,
    answer_work,
    answers,
    complaints,
    effectiveness,
    funnels,
    new_holders,
)
from tocsin.services.work import ANSWER_PAGE
from tocsin.store.answer_links import read_answer_tokens
from tocsin.store.models import Holder, PassedOn, Recipient, WorkItem
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for

PURPOSE = "a call back"


def recipient_of(world: World, action: int) -> tuple[int, str]:
    """Return the recipient whose device cannot be told, and the token of their link."""
    with acting_for(world.acme):
        holder = Holder.objects.get(holder_id=f"{PRIVATE}-2")
        row = Recipient.objects.get(release__action=action, person=holder.person_id)
        return row.pk, read_answer_tokens([row])[row.pk]


def reply_to(world: World, recipient_id: int, *, said: str = "") -> Reply:
    """Return an answer to everything that a recipient is asked, with something to do in it."""
    form = answer_forms.read_recipient_form(world.having(Role.OPERATOR), recipient_id)
    return Reply(
        PersonOutcome.ANSWERS,
        {
            each.key: DeviceReply(
                DeviceOutcome.PASSED_ON, "1.1", f"{PRIVATE} of {PRIVATE} street {said}"
            )
            for each in form.devices
        },
        dict.fromkeys((key for key, _ in form.instructions), Doing.DONE),
        knows_first_step=True,
        problem=f"{PRIVATE} was wet {said}",
        query=f"why {PRIVATE}?",
        wants_replacement=True,
        name=PRIVATE,
        is_confirmed=True,
    )


@stage_on(let_letters_out)
def answered(world: World) -> tuple[int, int]:
    """Let one recipient answer; return the action's and the answer's id."""
    action = let_letters_out(world)
    recipient_id, _ = recipient_of(world, action)
    told = reply_to(world, recipient_id)
    kept = answers.enter_answer(
        world.having(Role.OPERATOR), recipient_id, told, "telephone", "file 7"
    )
    return action, kept.acknowledgement_id


@sample
def read_answer_form(world: World) -> Call:
    _, token = recipient_of(world, let_letters_out(world))
    page = world.installation(world.acme, ANSWER_PAGE)
    return Call(answer_forms.read_answer_form, token, by=page)


@sample
def keep_answer(world: World) -> Call:
    recipient_id, token = recipient_of(world, let_letters_out(world))
    page = world.installation(world.acme, ANSWER_PAGE)
    return Call(answers.keep_answer, token, reply_to(world, recipient_id), by=page)


@sample
def read_recipient_form(world: World) -> Call:
    recipient_id, _ = recipient_of(world, let_letters_out(world))
    return Call(answer_forms.read_recipient_form, recipient_id)


@sample
def enter_answer(world: World) -> Call:
    recipient_id, _ = recipient_of(world, let_letters_out(world))
    told = reply_to(world, recipient_id)
    return Call(answers.enter_answer, recipient_id, told, "paper", "file 7, page 2")


@sample
def list_acknowledgements(world: World) -> Call:
    action, _ = answered(world)
    return Call(answer_views.list_acknowledgements, action)


@sample
def access_acknowledgement(world: World) -> Call:
    _, answer = answered(world)
    return Call(answer_views.access_acknowledgement, answer, PURPOSE)


@sample
def list_answer_work(world: World) -> Call:
    action, _ = answered(world)
    return Call(answer_work.list_answer_work, action)


@sample
def close_work_item(world: World) -> Call:
    answered(world)
    with acting_for(world.acme):
        item = WorkItem.objects.get(kind="query")
    return Call(answer_work.close_work_item, item.pk, "called back, answered")


@sample
def access_passed_on(world: World) -> Call:
    answered(world)
    with acting_for(world.acme):
        item = PassedOn.objects.get()
    return Call(answer_work.access_passed_on, item.pk, PURPOSE)


@sample
def tell_new_holder(world: World) -> Call:
    action, _ = answered(world)
    action_course.start_action(world.having(Role.OPERATOR), action)
    holder = new_holders.NewHolder(name=f"{PRIVATE} Three", address_lines=f"{PRIVATE} 3")
    with acting_for(world.acme):
        item = PassedOn.objects.get()
    return Call(new_holders.tell_new_holder, item.pk, holder)


@sample
def close_passed_on(world: World) -> Call:
    answered(world)
    with acting_for(world.acme):
        item = PassedOn.objects.get()
    return Call(answer_work.close_passed_on, item.pk, "told")


def complain(world: World) -> int:
    """Keep a complaint, and return its number."""
    told = complaints.NewComplaint(keep_one(world), f"{PRIVATE} was wet", "telephone")
    return complaints.open_complaint(world.having(Role.OPERATOR), None, told)


@sample
def open_complaint(world: World) -> Call:
    told = complaints.NewComplaint(keep_one(world), f"{PRIVATE} was wet", "telephone")
    return Call(complaints.open_complaint, None, told)


@sample
def list_complaints(world: World) -> Call:
    answered(world)
    return Call(complaints.list_complaints)


@sample
def access_complaint(world: World) -> Call:
    return Call(complaints.access_complaint, complain(world), PURPOSE)


def draw(world: World) -> int:
    """Draw everybody, and return the check's number."""
    action = let_letters_out(world)
    return effectiveness.draw_check(world.having(Role.OPERATOR), action, CheckLevel.A)


@sample
def draw_check(world: World) -> Call:
    return Call(effectiveness.draw_check, let_letters_out(world), CheckLevel.A)


@sample
def keep_check_answer(world: World) -> Call:
    check = draw(world)
    person = effectiveness.read_check(world.having(Role.AUDITOR), check).persons[0].person_id
    return Call(effectiveness.keep_check_answer, check, person, dict.fromkeys(QUESTIONS, True))


@sample
def list_checks(world: World) -> Call:
    action = let_letters_out(world)
    effectiveness.draw_check(world.having(Role.OPERATOR), action, CheckLevel.A)
    return Call(effectiveness.list_checks, action)


@sample
def read_check(world: World) -> Call:
    return Call(effectiveness.read_check, draw(world))


@sample
def read_funnel(world: World) -> Call:
    action, _ = answered(world)
    return Call(funnels.read_funnel, action)


SCAN = b"%PDF-1.7 " + PRIVATE.encode()


@stage_on(answered)
def shown(world: World) -> tuple[int, int]:
    """Keep a file that shows the answer; return the action's and the file's id."""
    action, answer = answered(world)
    return action, answer_files.add_answer_file(world.having(Role.OPERATOR), answer, SCAN)


@sample
def add_answer_file(world: World) -> Call:
    _, answer = answered(world)
    return Call(answer_files.add_answer_file, answer, SCAN)


@sample
def list_answer_files(world: World) -> Call:
    action, _ = shown(world)
    return Call(answer_files.list_answer_files, action)


@sample
def access_answer_file(world: World) -> Call:
    _, file = shown(world)
    return Call(answer_files.access_answer_file, file, PURPOSE)
