"""A short run of every fuzz target; `make fuzz` runs a million inputs each."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=150, deadline=1000)
@given(data=st.data())
def test_nothing_but_foreseen_errors_leaves_a_reader(name: str, data: st.DataObject) -> None:
    target = TARGETS[name]
    pieces = st.one_of(
        st.sampled_from(target.seeds), st.sampled_from(target.words), st.text(max_size=12)
    )
    text = "".join(data.draw(st.lists(pieces, max_size=12)))
    raw = text.encode("utf-8", errors="surrogatepass")
    cut = data.draw(st.integers(0, len(raw)))
    target.run(raw[:cut] + data.draw(st.binary(max_size=4)) + raw[cut:])


@pytest.mark.parametrize("name", TARGETS)
def test_every_seed_is_taken(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].run(seed.encode())
