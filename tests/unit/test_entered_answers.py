"""The form in which staff enter an answer: nothing that the letter asks is lost on the way."""

from dataclasses import replace

from tocsin.outreach.reply import DeviceOutcome, DeviceReply, Doing, PersonOutcome, Reply
from tocsin.outreach.reply_lines import Means, ReplyLine
from tocsin.outreach.reply_rules import check_reply
from tocsin.services.answer_forms import AnswerForm
from tocsin.services.asked_devices import AskedDevice, AskedFact
from tocsin.services.device_check import ProductChoice
from tocsin.web.desk.answer_form import EnterForm

MODEL = ("catalogue_no", "model", "product", "udi")
CHOICES = tuple(ProductChoice("Medtronic", (("model", each),)) for each in ("522", "523"))
ASKED = (
    AskedFact("model", MODEL, (("model", "5xx"),), CHOICES),
    AskedFact("software_version", ("software_version",)),
    AskedFact("made_on", ("made_on",)),
    AskedFact(
        "fact.ring", ("fact.ring",), (("fact.ring", "grey"),), (), ("clear", "black"), "Clear?"
    ),
)
DEVICE = AskedDevice("1/D1", 1, "list", "D1", "Paradigm", "E77", "cannot_tell", ASKED)
LINES = tuple(ReplyLine(f"line{place}", f"Line {each}.", each) for place, each in enumerate(Means))
FORM = AnswerForm(
    1, 2, "clinician", "clinician", "en", "US", ("n",), ("A title",), (DEVICE,),
    (("stop", "Stop using it."),), (), ("replacement",), None, LINES,
)  # fmt: skip
SENT = {"channel": "paper", "evidence": "file 7", "outcome": "answers"}


def entered(asked: AnswerForm, told: dict[str, str]) -> Reply:
    form = EnterForm(asked, SENT | told)
    assert form.is_valid(), form.errors
    return form.reply()


def test_every_fact_and_every_line_of_the_form_arrives() -> None:
    told = {"device-0": "passed_on", "passed-on-0": "Zoe", "problem": "wet", "query": "Who pays?"}
    columns = dict.fromkeys(MODEL, "") | {"model": "523", "udi": "(01)00763000000011"}
    columns |= {"software_version": "2.4A", "made_on": "2010-12", "fact.ring": "black"}
    told |= {f"{column}-0": value for column, value in columns.items()}
    said = {line.key: line.doings[-1] for line in LINES if line.doings} | {"stop": Doing.NOT_YET}
    told |= {f"do-{key}": str(doing) for key, doing in said.items()}
    texts = {line.key: f"text of {line.key}" for line in LINES if line.has_text}
    assert {line.means for line in LINES if line.key in texts} == {Means.NUMBER, Means.FORWARDED}
    told |= {f"text-{key}": text for key, text in texts.items()}
    told |= {"wants": "no", "name": "Anna"}
    reply = entered(FORM, told)
    device = DeviceReply(DeviceOutcome.PASSED_ON, "", "Zoe", "", columns)
    assert reply == Reply(
        PersonOutcome.ANSWERS, {DEVICE.key: device}, said, False, "wet", "Who pays?", False, "Anna",
        is_confirmed=True, line_texts=texts,
    )  # fmt: skip
    check_reply(reply, FORM.asked)
    known = entered(replace(FORM, audience="patient", lines=()), told | {"knows": "on"})
    assert known.knows_first_step


def test_what_they_cannot_find_is_a_call_and_no_value() -> None:
    told = {"device-0": "have"} | {f"{each.column}-0-none": "on" for each in ASKED}
    device = entered(FORM, told).devices[DEVICE.key]
    assert device.columns() == {}
    assert device.not_found == DEVICE.asked_columns


def test_what_stands_on_record_and_what_can_be_chosen_is_shown() -> None:
    page = str(EnterForm(FORM))
    for words in ("it does not settle it: 5xx", "One of 522, 523, or another", "settle it: grey"):
        assert words in page
    assert 'value="black"' in page
    fields = EnterForm(FORM).fields
    for name, told in (("outcome", PersonOutcome), ("device-0", DeviceOutcome)):
        assert [value for value, _ in fields[name].choices] == list(told)
    two = EnterForm(replace(FORM, devices=(DEVICE, replace(DEVICE, key="1/D2", serial_end="X12"))))
    labels = [str(field.label) for name, field in two.fields.items() if name[-2:] in {"-0", "-1"}]
    assert len(labels) == len(set(labels)) == 2 * 9, "each device has fields of its own"


def test_a_fault_stands_beside_its_field() -> None:
    form = EnterForm(FORM, SENT)
    assert form.is_valid()
    faults = {f"devices.{DEVICE.key}.{each.column}": f"{each.column}-0" for each in ASKED}
    faults |= {f"devices.{DEVICE.key}.passed_on_to": "passed-on-0", "problem": "problem"}
    faults |= {f"devices.{DEVICE.key}.outcome": "device-0", "instructions": None}
    for line in LINES:
        faults |= {f"instructions.{line.key}": f"do-{line.key}"} if line.doings else {}
        faults |= {f"line_texts.{line.key}": f"text-{line.key}"} if line.has_text else {}
    assert {fault: form.field_of(fault) for fault in faults} == faults
    assert {field for field in faults.values() if field} <= form.fields.keys()
