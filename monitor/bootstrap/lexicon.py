"""The user's lexicon: the languages that it and the built-in one hold, and the run of its examples."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.bootstrap.plan import Plan
from monitor.extract.examples import Examples, Failure, own_ids
from monitor.extract.language import load_language
from monitor.extract.places import gazetteer
from monitor.extract.reader import LexicalReader
from monitor.extract.triggers import load_frames


@dataclass(frozen=True, slots=True)
class Checked:
    """How many entries and examples of the user were run, and which are not read as they say."""

    entries: int
    examples: int
    failures: tuple[Failure, ...]


def check_lexicon(plan: Plan) -> Checked:
    """Run the examples of the user's own entries; raise ConfigError where an entry is malformed."""
    codes = plan.config.languages
    reader = LexicalReader.load(codes, plan.kinds, plan.lexicon)
    places = gazetteer(codes, plan.lexicon)
    entries = examples = 0
    failures: list[Failure] = []
    for code in codes:
        own = own_ids(code, plan.lexicon)
        run = Examples(reader, code, places)
        for frame in load_frames(load_language(code, plan.lexicon), plan.lexicon).frames:
            if frame.id in own:
                entries += 1
                examples += len(frame.examples) + len(frame.negative)
                failures += run.failures(frame)
    return Checked(entries, examples, tuple(failures))
