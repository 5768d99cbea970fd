"""Software versions at random, often close to each other, with every shape that we read."""

from random import Random

WORDS = ("SP", "HF", "Update", "Build", "RC", "beta")
LINES = ("L", "U", "MP", "012U000")


def random_version(rng: Random, *, wild: bool = True) -> str:
    """Return the text of a version; without ``wild`` it is fully specified."""
    shape = rng.random()
    if shape < 0.03:
        return rng.choice("MNO")
    if shape < 0.05:
        return rng.choice(("600", "24A", "2019-03", "20190301", "120"))
    if shape < 0.09:
        return f"{rng.choice(LINES)}{rng.choice((1, 2, 10, 81))}"
    text = ".".join(_part(rng) for _ in range(rng.randint(1, 4)))
    tail = rng.random()
    if tail < 0.12:
        text += f" {rng.choice(WORDS)}{rng.choice(('', ' 0', ' 1', ' 2', ' 2.1'))}"
    elif tail < 0.15:
        text += rng.choice(("-9d9eff4", "-1", "-rc1"))
    elif wild and tail < 0.25:
        text += rng.choice((".x", ".X", ".*", ".XX", ".x.x"))
    elif wild and tail < 0.29:
        text += rng.choice((".x.2", ".*.0", ".x.A"))
    return text


def _part(rng: Random) -> str:
    number = rng.choice(("0", "0", "0", "1", "2", "3", "9", "10", "03"))
    return number + rng.choice("AAB") if rng.random() < 0.18 else number


def random_neighbour(rng: Random, text: str, *, wild: bool = True) -> str:
    """Return a version that differs little from another, or not at all."""
    endings = ["", ".0", ".0.0", ".1", "A", "B", " SP", " SP 1", ".0A", ".0 RC1", ".0.0.0 SP1"]
    if wild:
        endings += [".x", ".x.1"]
    choice = rng.random()
    if choice < 0.55:
        return text + rng.choice(endings)
    if choice < 0.7:
        return text.rpartition(".")[0] or text
    if choice < 0.85:
        return _moved_by_one(rng, text)
    return text.swapcase() if rng.random() < 0.5 else f"v{text}"


def _moved_by_one(rng: Random, text: str) -> str:
    places = [place for place, char in enumerate(text) if char.isdigit()]
    if not places:
        return text
    place = rng.choice(places)
    digit = (int(text[place]) + rng.choice((-1, 1))) % 10
    return f"{text[:place]}{digit}{text[place + 1 :]}"


def random_version_pair(rng: Random, *, wild: bool = True) -> tuple[str, str]:
    """Return two versions, half of the time close to each other."""
    first = random_version(rng, wild=wild)
    if rng.random() < 0.5:
        return first, random_version(rng, wild=wild)
    pair = [first, random_neighbour(rng, first, wild=wild)]
    rng.shuffle(pair)
    return pair[0], pair[1]
