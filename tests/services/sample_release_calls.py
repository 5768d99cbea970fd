"""Sample calls of the services that release an action and lead it to its end."""

from tests.services.sample_action_calls import match, open_empty
from tests.services.sample_calls import Call, World, sample, stage_on
from tests.services.sample_letter_calls import lock, lock_for_patients
from tests.services.sample_notice_calls import SOURCE, notice
from tocsin.outreach.action_states import ActionState
from tocsin.services import action_course, action_matching, kept_notices, letter_release
from tocsin.services import scope_release as scopes
from tocsin.store.models import Action
from tocsin.store.roles import Role
from tocsin.store.tenancy import acting_for


def look(world: World, action: int) -> scopes.ScopePreview:
    return scopes.read_scope_preview(world.having(Role.AUDITOR), action)


@stage_on(match)
def release(world: World) -> int:
    """Release the scope of a matched action, and return the action's id."""
    return release_matched(world, match(world))


def release_matched(world: World, action: int) -> int:
    """Release the scope of an action that was matched, and return its id."""
    seen = look(world, action).sha256
    scopes.review_scope(world.second(Role.REVIEWER), action, seen)
    scopes.release_scope(world.rightful("release_scope", world.acme), action, seen)
    return action


def put(world: World, state: ActionState, action: int | None = None) -> int:
    """Put an action into a state, an empty one if none is given."""
    number = open_empty(world) if action is None else action
    with acting_for(world.acme):
        Action.objects.filter(pk=number).update(state=str(state))
    return number


@sample
def read_scope_preview(world: World) -> Call:
    return Call(scopes.read_scope_preview, match(world))


@sample
def review_scope(world: World) -> Call:
    action = match(world)
    return Call(scopes.review_scope, action, look(world, action).sha256)


@sample
def review_leavers(world: World) -> Call:
    action = release(world)
    author = world.having(Role.AUTHOR)
    kept_notices.add_notice_revision(author, notice(revision=2, at_most="0.5"), SOURCE)
    action_matching.match_action(author, action)
    seen = look(world, action)
    assert seen.leavers
    scopes.review_scope(world.second(Role.REVIEWER), action, seen.sha256)
    return Call(scopes.review_leavers, action, seen.leavers_sha256)


@sample
def release_scope(world: World) -> Call:
    action = match(world)
    seen = look(world, action).sha256
    scopes.review_scope(world.second(Role.REVIEWER), action, seen)
    return Call(scopes.release_scope, action, seen)


def seen_letters(world: World, action: int) -> str:
    """Lock a letter of an action, and return the SHA-256 of the manifest of its letters."""
    lock(world, action)
    lock_for_patients(world, action)
    return letter_release.read_letter_preview(world.having(Role.AUDITOR), action).sha256


@stage_on(release)
def lock_letters(world: World) -> tuple[int, str]:
    """Lock the letters of an action whose scope is released; return it, and their SHA-256."""
    action = release(world)
    return action, seen_letters(world, action)


@stage_on(lock_letters)
def let_letters_out(world: World) -> int:
    """Release the letters of a matched action, and return the action's id."""
    action, seen = lock_letters(world)
    letter_release.review_letters(world.second(Role.REVIEWER), action, seen)
    releaser = world.rightful("release_letters", world.acme)
    letter_release.release_letters(releaser, action, seen)
    return action


@sample
def read_letter_preview(world: World) -> Call:
    action, _ = lock_letters(world)
    return Call(letter_release.read_letter_preview, action)


@sample
def review_letters(world: World) -> Call:
    return Call(letter_release.review_letters, *lock_letters(world))


@sample
def release_letters(world: World) -> Call:
    action, seen = lock_letters(world)
    letter_release.review_letters(world.second(Role.REVIEWER), action, seen)
    return Call(letter_release.release_letters, action, seen)


@sample
def start_action(world: World) -> Call:
    return Call(action_course.start_action, let_letters_out(world))


@sample
def pause_action(world: World) -> Call:
    return Call(action_course.pause_action, put(world, ActionState.RUNNING), "wrong addresses")


@sample
def resume_action(world: World) -> Call:
    return Call(action_course.resume_action, put(world, ActionState.PAUSED), "addresses are right")


@sample
def complete_action(world: World) -> Call:
    action = put(world, ActionState.RUNNING, release(world))
    return Call(action_course.complete_action, action, "all are reached")


@sample
def terminate_action(world: World) -> Call:
    action = put(world, ActionState.FIRM_COMPLETE)
    return Call(action_course.terminate_action, action, "letter of 1 March")


@sample
def reopen_action(world: World) -> Call:
    action = put(world, ActionState.AUTHORITY_TERMINATED)
    return Call(action_course.reopen_action, action, "a carton was found")
