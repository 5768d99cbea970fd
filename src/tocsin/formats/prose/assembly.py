"""Statements put together: which products each constraint speaks of, and what stays in doubt."""

from dataclasses import dataclass, field

from tocsin.formats.prose.draft_entry import DraftEntry
from tocsin.formats.prose.head import Head
from tocsin.formats.prose.names import words_of
from tocsin.formats.prose.number_lists import NumberList, lies_within
from tocsin.formats.prose.said import APART, Said
from tocsin.identify.model_number import model_number
from tocsin.identify.version_expression import RangePart
from tocsin.notice.span import TextSpan


@dataclass
class Assembly:
    """Entries in the making, in the order of the text.

    Attributes:
        head: the document's head.
        drafts: entries that affect.
        exclusions: entries that exclude.
        context: the entries that a statement without products of its own speaks of.
        beyond: entries for what a statement may mean beyond the models that are listed.
        is_open: whether the context has products only, so that constraints are awaited.
        of_one_statement: whether the context's products and constraints were said at once.
        doubts: texts that may name more devices or limit what was named.
        loose: unread sentences of no product in particular; they may limit every entry.
        doubt_spans: where they stand in the text.
        fixed: versions that a remedy names.
    """

    head: Head
    drafts: list[DraftEntry] = field(default_factory=list)
    exclusions: list[DraftEntry] = field(default_factory=list)
    context: list[DraftEntry] = field(default_factory=list)
    beyond: list[DraftEntry] = field(default_factory=list)
    is_open: bool = False
    of_one_statement: bool = False
    doubts: list[str] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    doubt_spans: list[TextSpan] = field(default_factory=list)
    fixed: list[RangePart] = field(default_factory=list)

    def doubt(self, texts: list[str], spans: list[TextSpan]) -> None:
        """Keep texts that could not be read."""
        self.doubts += texts
        self.doubt_spans += [span for span in spans if span.read_as == "unread"]

    def affirm(self, said: Said) -> None:
        """Take what a clause says is concerned."""
        if said.rest or (said.history and self._is_within(said)):
            said.information += [("before", span.text) for span in said.spans[-1:]]
            self._inform(said)
            return
        self.doubt([*said.unread, *said.widens], said.spans)
        self.fixed += said.fixed
        named = self._product_of(said)
        if named is not None:
            self._take_named(named, said)
        elif said.has_constraint or said.every or said.dis:
            self._take_constraints(said)
        elif said.unread or said.narrows:
            self.loose += [*said.unread, *said.narrows]
        elif said.information or said.fixed:
            self._inform(said)

    def affirm_row(self, said: Said) -> None:
        """Take a row of a table: products and constraints at once."""
        self.doubt(said.unread, said.spans)
        draft = self._product_of(said) or self.head_draft(said)
        draft.take(said)
        draft.excludes = said.denied
        (self.exclusions if said.denied else self.drafts).append(draft)
        if not said.denied:
            self.context = [*self.context, draft]
        self.is_open = False
        self.of_one_statement = True

    def _is_within(self, said: Said) -> bool:
        """Whether a clause lists only ranges that lie within those that are already listed."""
        known = [
            (first, last)
            for draft in self.drafts
            for kind in said.numbers
            for first, last in draft.numbers.get(kind, NumberList()).ranges
        ]
        return bool(said.numbers) and all(
            not read.any_of
            and not read.unread
            and all(lies_within(each, known) for each in read.ranges)
            for read in said.numbers.values()
        )

    def _product_of(self, said: Said) -> DraftEntry | None:
        """Return an entry of the products that a clause names, None if it names none."""
        if said.codes:
            return DraftEntry(
                codes=without_stems(said.codes),
                names=said.names,
                dis=said.dis,
                dis_unread=said.dis_unread,
            )
        if said.names and (not said.head or self._has_alternatives()):
            return DraftEntry(names=said.names, dis=said.dis, dis_unread=said.dis_unread)
        # A second identifier begins a second entry; a first one belongs to what was said.
        begun = not self.drafts or any(draft.dis or draft.dis_unread for draft in self.drafts)
        if (said.dis or said.dis_unread) and begun:
            return self.head_draft(said)
        return None

    def _has_alternatives(self) -> bool:
        return len(self.head.alternatives) > 1

    def head_draft(self, said: Said | None = None) -> DraftEntry:
        """Return an entry of the product that the document's head names."""
        draft = DraftEntry(is_head=True, codes=[*self.head.codes], names=[*self.head.names])
        if not draft.codes and not draft.names and self.head.product:
            draft.names = [self.head.product]
        if said is not None:
            draft.dis, draft.dis_unread = said.dis, said.dis_unread
        return draft

    def _take_named(self, draft: DraftEntry, said: Said) -> None:
        adopted = (
            bool(self.context)
            and all(each.is_head and not each.dis for each in self.context)
            and not said.has_constraint
            and not draft.is_head
            and len(self.drafts) == len(self.context)
        )
        if adopted and self._refines_head(draft):
            for each in self.context:
                each.is_head = False
                each.codes, each.names = list(draft.codes), list(draft.names)
                each.dis, each.dis_unread = list(draft.dis), list(draft.dis_unread)
                each.take(said)
            return
        limits = said.has_constraint or bool(said.every)
        if self.is_open and not limits and self._goes_on(draft):
            self.context[-1].codes += [c for c in draft.codes if c not in self.context[-1].codes]
            self.context[-1].take(said)
            return
        draft.take(said)
        take_facts(draft, said)
        self.drafts.append(draft)
        if not limits and self.is_open:
            self.context.append(draft)
        else:
            self.context = [draft]
        self.is_open = not limits
        self.of_one_statement = limits and not draft.is_head

    def _goes_on(self, draft: DraftEntry) -> bool:
        """Whether products only go on a list of numbers that the statement before began."""
        last = self.context[-1] if self.context else None
        return last is not None and bool(draft.codes and last.codes) and not (last.dis or draft.dis)

    def _refines_head(self, draft: DraftEntry) -> bool:
        """Whether a product said after its constraints is the head's, told more exactly."""
        return bool(draft.codes or draft.names or draft.dis)

    def _take_constraints(self, said: Said) -> None:
        """Give constraints to the products that they speak of."""
        if not self.drafts:
            self.drafts.append(self.head_draft())
            self.context = list(self.drafts)
        target = self.context
        own = [draft for draft in self.drafts if not draft.is_head]
        if own and said.head and (said.every or said.facts):
            # "Any pump with a clear ring", after a list of models: it limits them, and may
            # mean further models, too.
            target = self.drafts
            self._go_beyond(said)
        elif self.of_one_statement and not self.is_open and len(self.drafts) > 1:
            target = self.drafts
            if any(day.manner != APART for day in said.days) or said.kinds() - {
                day.column for day in said.days
            }:
                texts = [span.text for span in said.spans] or ["a constraint of unclear reach"]
                for draft in self.drafts:
                    draft.unread += texts
                    draft.spans += said.spans
                self.doubts += texts
                return
        for draft in target:
            draft.take(said)
            draft.dis += [di for di in said.dis if di not in draft.dis]
            draft.dis_unread += [di for di in said.dis_unread if di not in draft.dis_unread]
            take_facts(draft, said)
        self.is_open = False

    def _go_beyond(self, said: Said) -> None:
        """Keep open whether the head's product is concerned beyond the models that are listed."""
        wider = DraftEntry(names=[name for name in (self.head.product, *self.head.names) if name])
        if wider.names:
            wider.take(said)
            take_facts(wider, said)
            wider.unread.append("whether this speaks of models that are not listed, too")
            self.beyond.append(wider)

    def _inform(self, said: Said) -> None:
        for draft in self.context or self.drafts:
            draft.information += said.information
            draft.spans += said.spans


def take_facts(draft: DraftEntry, said: Said) -> None:
    """Keep qualities for the end, when the text may have told their opposites."""
    draft.qualities += [words for words in said.facts if words not in draft.qualities]


def without_stems(codes: list[str]) -> list[str]:
    """Return model numbers without those that only begin others (3500 of 3500-0600-00)."""
    squeezed = {code: model_number(code.upper()).squeezed for code in codes}
    return [
        code
        for code in codes
        if not any(
            other != code and "-" in other and other.upper().startswith(code.upper() + "-")
            for other in codes
        )
        or not squeezed[code]
    ]


def covers(drafts: list[DraftEntry], name: str) -> bool:
    """Whether some entry's names hold a name's words."""
    words = words_of(name)
    return any(words <= words_of(each) for draft in drafts for each in (*draft.names, *draft.codes))
