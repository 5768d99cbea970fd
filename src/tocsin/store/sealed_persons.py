"""Holders of a list <-> persons with sealed data, keys and tokens, in batches.

Everything runs in the transaction of the caller. A person's private data leave the vault only to
be compared with what a list says now.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from tocsin.registry.holder_record import HolderRecord
from tocsin.registry.same_person import marks_of
from tocsin.store.blind_tokens import BlindTokens
from tocsin.store.home import find_home
from tocsin.store.models import Holder, Person, PersonKey, PersonToken
from tocsin.store.tenancy import current_organisation
from tocsin.store.vault import Vault

_CLEAR = ("kind", "country", "language", "is_minor")
_COLUMN_OF = {"is_minor": "minor"}


@dataclass
class KeptHolders:
    """What became of a batch: persons by their ids only.

    Attributes:
        erased: holder_ids whose person was erased: nothing of them was kept.
    """

    added: list[UUID] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)


class SealedPersons:
    """Writes persons of the organisation that we act for."""

    def __init__(self) -> None:
        """Read the installation's key for persons."""
        key = find_home().persons_key
        self._vault = Vault(key)
        self._tokens = BlindTokens(key, current_organisation())

    def keep(
        self, registry_id: int, records: Sequence[HolderRecord], columns: Sequence[str]
    ) -> KeptHolders:
        """Add the persons that are new, and update those that a list now tells differently.

        Args:
            registry_id: of the list.
            records: its holders.
            columns: the columns that it has; what it does not speak of stays as it was.
        """
        wanted = [record.holder_id for record in records]
        known = {
            holder.holder_id: holder
            for holder in Holder.objects.filter(
                registry_id=registry_id, holder_id__in=wanted
            ).select_related("person", "person__key")
        }
        kept = KeptHolders()
        new = [record for record in records if record.holder_id not in known]
        self._add(registry_id, new, kept)
        changed = []
        for record in records:
            holder = known.get(record.holder_id)
            if holder is None:
                continue
            if holder.person.sealed is None:
                kept.erased.append(record.holder_id)
            elif (merged := self._merged(holder, record, columns)) is not None:
                changed.append((holder, merged))
        self._change(changed, kept)
        return kept

    def open(self, person: Person) -> dict[str, str]:
        """Return a person's private data; nothing if the person was erased."""
        if person.sealed is None:
            return {}
        return self._vault.open(person.pk, bytes(person.key.wrapped), bytes(person.sealed))

    def add_person(self, record: HolderRecord) -> Person:
        """Add a person whom no list tells; return them with their key."""
        person, key = self._sealed(record)
        person.save(force_insert=True)
        key.save(force_insert=True)
        PersonToken.objects.bulk_create(self._tokens_of(person, record.private))
        return person

    def _sealed(self, record: HolderRecord) -> tuple[Person, PersonKey]:
        person_id = uuid.uuid4()
        wrapped = self._vault.new_key(person_id)
        sealed = self._vault.seal(person_id, wrapped, record.private)
        person = Person(id=person_id, sealed=sealed, **_clear(record))
        return person, PersonKey(person=person, wrapped=wrapped)

    def _add(self, registry_id: int, records: Sequence[HolderRecord], kept: KeptHolders) -> None:
        persons, keys, holders, tokens = [], [], [], []
        for record in records:
            person, key = self._sealed(record)
            persons.append(person)
            keys.append(key)
            holders.append(
                Holder(
                    registry_id=registry_id,
                    holder_id=record.holder_id,
                    person=person,
                    clinic_id=record.clinic_id,
                )
            )
            tokens += self._tokens_of(person, record.private)
        Person.objects.bulk_create(persons)
        PersonKey.objects.bulk_create(keys)
        Holder.objects.bulk_create(holders)
        PersonToken.objects.bulk_create(tokens)
        kept.added += [person.pk for person in persons]

    def _merged(
        self, holder: Holder, record: HolderRecord, columns: Sequence[str]
    ) -> HolderRecord | None:
        """Return what is known of a holder with what a list tells now; None if nothing changes."""
        person, private = holder.person, self.open(holder.person)
        kept = {name: text for name, text in private.items() if name not in columns}
        clear = {name: getattr(person, name) for name in _CLEAR}
        clear |= {"clinic_id": holder.clinic_id}
        stays = {n: v for n, v in clear.items() if _COLUMN_OF.get(n, n) not in columns}
        merged = replace(record, private={**record.private, **kept}, **stays)
        told = _clear(merged) | {"clinic_id": merged.clinic_id}
        return None if told == clear and merged.private == private else merged

    def _change(self, changed: Sequence[tuple[Holder, HolderRecord]], kept: KeptHolders) -> None:
        tokens = []
        for holder, record in changed:
            person = holder.person
            person.sealed = self._vault.seal(person.pk, bytes(person.key.wrapped), record.private)
            for name, value in _clear(record).items():
                setattr(person, name, value)
            holder.clinic_id = record.clinic_id
            tokens += self._tokens_of(person, record.private)
        persons = [holder.person for holder, _ in changed]
        Person.objects.bulk_update(persons, ["sealed", *_CLEAR])
        Holder.objects.bulk_update([holder for holder, _ in changed], ["clinic_id"])
        PersonToken.objects.filter(person__in=persons).delete()
        PersonToken.objects.bulk_create(tokens)
        kept.changed += [person.pk for person in persons]

    def _tokens_of(self, person: Person, private: Mapping[str, str]) -> list[PersonToken]:
        return [
            PersonToken(person=person, kind=mark, token=self._tokens.token(mark, text))
            for mark, text in marks_of(private).items()
        ]


def link_representatives(
    registry_id: int, told: Mapping[str, str]
) -> tuple[dict[UUID, UUID | None], list[str]]:
    """Note who represents whom; return what changed, and who has nobody that we know.

    What changed: person -> who represents them now, None for nobody.

    Args:
        registry_id: of the list.
        told: holder_id -> holder_id of the carer or guardian, empty for none.
    """
    wanted = {*told, *(name for name in told.values() if name)}
    found = Holder.objects.filter(registry_id=registry_id, holder_id__in=wanted)
    by_name = {holder.holder_id: holder for holder in found.select_related("person")}
    changed, unknown = [], []
    for name, guardian in told.items():
        if name not in by_name:
            continue
        if guardian and guardian not in by_name:
            unknown.append(name)
            continue
        person = by_name[name].person
        represented_by = by_name[guardian].person_id if guardian else None
        if person.represented_by_id != represented_by and person.erased_at is None:
            person.represented_by_id = represented_by
            changed.append(person)
    Person.objects.bulk_update(changed, ["represented_by"])
    return {person.pk: person.represented_by_id for person in changed}, unknown


def _clear(record: HolderRecord) -> dict[str, str | bool]:
    return {name: getattr(record, name) for name in _CLEAR}
