"""Whether somebody has sent again what they had answered before: that is no other answer."""

from dataclasses import replace

from tocsin.outreach.reply import (
    PRIVATE_COLUMNS,
    Reply,
    private_texts,
    reply_bytes,
    still_asked,
)
from tocsin.services.answer_forms import AnswerForm
from tocsin.store.models import Acknowledgement
from tocsin.store.sealed_texts import open_texts


def is_repeat(before: Acknowledgement, said: Reply, reply: Reply, form: AnswerForm) -> bool:
    """Whether an answer says what the one before has said.

    Args:
        before: the last answer to the same letter.
        said: the answer as it was sent.
        reply: the same without what nobody asks now.
        form: what is asked now.
    """
    # What has settled something is asked no more; the same form, or a page sent anew, may tell it.
    told = {key: each.only(each.columns(), each.not_found) for key, each in said.devices.items()}
    whole = replace(reply, devices=told)
    same = any(_says_the_same(before, each) for each in (reply, whole))
    return same or _is_sent_anew(before, reply, whole, form)


def _is_sent_anew(before: Acknowledgement, reply: Reply, whole: Reply, form: AnswerForm) -> bool:
    """Whether an answer is the one before, but for what is asked no more; it says nothing else."""
    asked = {each.key: (each.filled_columns, each.asked_columns) for each in form.devices}
    body = reply_bytes(reply)
    if reply_bytes(whole) != body or still_asked(bytes(before.body), asked) != body:
        return False
    words = open_texts(before.person_id, bytes(before.sealed))
    for key, (fills, _) in asked.items():
        for column in PRIVATE_COLUMNS - set(fills):
            words.pop(f"devices.{key}.{column}", None)
    return words == private_texts(reply)


def _says_the_same(before: Acknowledgement, reply: Reply) -> bool:
    if bytes(before.body) != reply_bytes(reply):
        return False
    return open_texts(before.person_id, bytes(before.sealed)) == private_texts(reply)
