"""Users' accounts: what happened to them, passwords, and the sessions that are open."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare

from tocsin.base.errors import TocsinError
from tocsin.services.organisations import find_user
from tocsin.services.work import Work, service
from tocsin.store.api_tokens import end_tokens
from tocsin.store.models import TerminalSession, User
from tocsin.store.proofs import keep_failure
from tocsin.store.tables.proof import ProofMethod

_WEB, _TERMINAL = "web", "terminal"


class PasswordWeak(TocsinError):
    """A password is too easy to guess."""

    code = "password_weak"


class SessionUnknown(TocsinError):
    """The user has no such session."""

    code = "session_unknown"


@dataclass(frozen=True)
class SessionLine:
    """An open session of a user.

    Attributes:
        key: what to end it by, such as ``web:12``.
        opened_at: when they logged in.
        seen_at: when it was last used, as far as that is known.
        place: network address and browser, or the terminal.
    """

    key: str
    opened_at: datetime
    seen_at: datetime
    place: str


@service
def note_log_in(work: Work, place: str) -> None:
    """Leave a row that the caller has logged in, by a browser or at a terminal.

    Right: every user, for themselves. Leaves user_logged_in.
    """
    User.objects.filter(pk=work.user_id).update(last_login=work.now)
    work.record("user_logged_in", f"user:{work.user_id}", new={"by": place})


@service
def note_account_event(work: Work, event: str, what: str) -> None:
    """Leave a row about what has just happened to the caller's account.

    For what django-allauth does itself (`services.account_hooks`). Right: every user, for
    themselves. Leaves the event.
    """
    work.record(event, f"user:{work.user_id}", new={"by": what})


@service
def note_failed_sign_in(
    work: Work, user_id: int | None, what: str, *, is_counted: bool = False
) -> None:
    """Leave a row about a log-in that failed; an unknown address is not written down.

    Unknown addresses leave a row as well: else the time that it takes would tell which are known.
    Right: what looks at passwords. Leaves sign_in_failed.

    Args:
        work: of the machine.
        user_id: whose address it was; None if nobody's.
        what: what was wrong: the password, a code.
        is_counted: whether it brings the user nearer to the limit of `store.proofs`: at a terminal.
            Pages have allauth's limits instead: a stranger must not keep a user from signing.
    """
    if is_counted and user_id is not None:
        keep_failure(user_id, ProofMethod.PASSWORD, work.now)
    subject = "user:unknown" if user_id is None else f"user:{user_id}"
    work.record("sign_in_failed", subject, new={"by": what})


@service
def change_password(work: Work, hashed: str) -> None:
    """Give the caller another password; their other sessions end, their tokens do not.

    Right: every user, for themselves. Leaves password_changed.

    Args:
        work: of the user.
        hashed: the password as `hash_password` returns it, made before the transaction begins.
    """
    _set_password(work, work.user_id, hashed)
    work.record("password_changed", f"user:{work.user_id}")


@service
def reset_password(work: Work, user_id: int, hashed: str) -> None:
    """Give a user another password; all their sessions and tokens end. Right: the console.

    Leaves password_reset.
    """
    _set_password(work, user_id, hashed)
    end_tokens(user_id, work.now)
    work.record("password_reset", f"user:{user_id}")


def hash_password(user_id: int, password: str) -> str:
    """Return what is kept of a password: Argon2, salted.

    Raises:
        PasswordWeak: saying what is wrong with it, but never quoting it.
    """
    try:
        validate_password(password, find_user(user_id))
    except ValidationError as error:
        raise PasswordWeak(f"{' '.join(error.messages)} Nothing was changed.") from error
    return make_password(password)


@service
def list_sessions(work: Work) -> list[SessionLine]:
    """Return the caller's open sessions, newest first. Right: every user, for themselves."""
    user = find_user(work.user_id)
    lines = [
        SessionLine(f"{_WEB}:{s.pk}", s.created_at, s.last_seen_at, f"{s.ip} {s.user_agent}")
        for s in UserSession.objects.filter(user_id=user.pk)
        if _is_open(s.session_key, user)
    ]
    lines += [
        SessionLine(f"{_TERMINAL}:{s.pk}", s.created_at, s.created_at, "a terminal")
        for s in _open_terminals(work.user_id, work.now)
    ]
    return sorted(lines, key=lambda line: line.opened_at, reverse=True)


@service
def end_session(work: Work, key: str) -> None:
    """End one of the caller's sessions at once. Right: every user, for themselves.

    Leaves session_revoked.

    Raises:
        SessionUnknown: if the caller has no such session.
    """
    kind, _, number = key.partition(":")
    ended = False
    if number.isdecimal() and kind == _WEB:
        found = UserSession.objects.filter(pk=int(number), user_id=work.user_id).first()
        if found is not None:
            found.end()
            ended = True
    elif number.isdecimal() and kind == _TERMINAL:
        mine = _open_terminals(work.user_id, work.now).filter(pk=int(number))
        ended = bool(mine.update(ended_at=work.now))
    if not ended:
        raise SessionUnknown(f"You have no open session {key!r}. Nothing was changed.")
    work.record("session_revoked", f"user:{work.user_id}", old={"session": key})


@service
def end_all_sessions(work: Work, user_id: int, reason: str) -> int:
    """End all sessions and tokens of a user at once; return how many. Right: the console.

    Leaves session_revoked.
    """
    find_user(user_id)
    n_ended = _end_sessions(user_id, work.now) + end_tokens(user_id, work.now)
    work.record("session_revoked", f"user:{user_id}", old={"n": n_ended}, reason=reason)
    return n_ended


def _is_open(session_key: str, user: User) -> bool:
    """Whether a browser's session still opens anything: a new password ends it."""
    mark = SessionStore(session_key).get(HASH_SESSION_KEY)
    return mark is not None and constant_time_compare(mark, user.get_session_auth_hash())


def _set_password(work: Work, user_id: int, hashed: str) -> None:
    user = find_user(user_id)
    user.password = hashed
    user.save(update_fields=["password"])
    # Django ends sessions of browsers itself: they carry a mark of the password.
    _open_terminals(user_id, work.now).update(ended_at=work.now)


def _end_sessions(user_id: int, now: datetime) -> int:
    web = list(UserSession.objects.filter(user_id=user_id))
    for session in web:
        session.end()
    return len(web) + _open_terminals(user_id, now).update(ended_at=now)


def _open_terminals(user_id: int, now: datetime) -> QuerySet[TerminalSession]:
    return TerminalSession.objects.filter(
        user_id=user_id, ended_at__isnull=True, expires_at__gt=now
    )
