"""Every sentence that the English lexicon gives as an example is read so, and no counterexample is."""

import re

import pytest

from monitor.core.model import Actor, Claim, Modality
from monitor.extract.frames import Frame, load_frames
from monitor.extract.language import lexicon_folder, load_language
from monitor.extract.places import gazetteer
from tests.extract.helpers import read, words

MARK = re.compile(r"\{([AR]):([^}]*)\}")
PLACES = gazetteer(("en", "es"))
TOLD = {Modality.FACT, Modality.DENIAL}
FRAMES = load_frames(lexicon_folder("en"), load_language("en")).frames
COUNTED = {"arrest", "release", "violence"}
# What is not read yet, by frame: `k` the kind of an example, `r` its roles, `n` a counterexample.
KNOWN_GAPS = frozenset(
    "agreement.agree:k1 appointment.make:k0 arrest.subject:k1 arrest_order.warrant:k2 "
    "arrest_order.noun:k0 arrest_order.noun:k1 arrest_order.lapse:k0 asylum.grant-passive:k1 "
    "charge.faces:k0 court_ruling.upholds-dismiss:k1 court_ruling.annuls:k1 "
    "court_ruling.sentences-phrase:k1 court_ruling.noun-conviction:k0 decree.close:k1 decree.law:k1 "
    "release.verb:k1 sanction.impose:k1 sanction.list:k1 sanction.withdraw:k1 sanction.ban-imports:k0 "
    "sanction.ban-imports:k1 sanction.noun:k0 sanction.of-terms:k0 accuses.behind:k1 "
    "accuses.accusation-noun:k0 accuses.attribute:k0 concern.risk:k0 concern.risk:k1 "
    "condemns.criticise:k1 condemns.describe-as:k0 condemns.copula:k0 condemns.copula:k1 "
    "condemns.harsh:k0 congratulates.noun:k0 congratulates.hail:k0 demands.ask-to:k2 demands.should:k0 "
    "demands.should:k1 denies.not-true:k0 denies.not-true:k1 denies.no-x-took-place:k0 other.ready:k0 "
    "other.apologise:k0 other.expect:k0 recognises.won-most:k0 recognises.won-most:k1 "
    "rejects.refuse-to:k1 rejects.not-legit:k0 rejects.not-legit:k1 rejects.stay-away:k0 supports.verb:k1 "
    "supports.corroborate:k0 violence.kill:k1 violence.beat:k0 violence.torture:k0 violence.attack:k2 "
    "violence.die:k0 agreement.agree:r0 agreement.noun:r0 agreement.noun:r1 appointment.noun:r0 "
    "arrest.nominal:r0 arrest.nominal:r1 asylum.host:r0 asylum.noun:r0 charge.noun:r1 "
    "court_ruling.upholds-dismiss:r0 court_ruling.sentences-phrase:r0 court_ruling.noun:r0 "
    "court_ruling.noun-acquittal:r0 court_ruling.noun-sentence:r0 decree.ban-phrase:r0 "
    "decree.crack-social:r0 investigation.raid:r0 investigation.noun:r0 investigation.noun:r1 "
    "investigation.go-to-see:r0 mobilization.deploy-intrans:r1 mobilization.noun:r0 protest.verb:r0 "
    "protest.verb:r2 protest.streets:r1 protest.hold:r0 protest.hold:r2 protest.nominal:r0 "
    "protest.nominal:r1 release.noun:r0 accuses.allege:r0 accuses.behind:r0 concern.noun:r0 "
    "condemns.statement-that-condemns:r0 condemns.statement-that-condemns:r1 condemns.protest-to:r0 "
    "congratulates.wish:r0 demands.condition:r0 recognises.verb:r1 recognises.grant-recognition:r0 "
    "rejects.refuse-to:r0 rejects.dismiss-obj:r0 supports.tribute:r0 supports.tribute:r1 supports.win:r0 "
    "threat.threaten-with:r1 threat.warn:r0 threat.warn:r1 threat.vow:r0 threat.will-pay:r1 "
    "threat.noun:r0 violence.shoot:r0 violence.shoot:r1 violence.fire-phrase:r0 violence.fire-arson:r0 "
    "violence.nominal:r1 asylum.leave:n0 investigation.open:n0 protest.verb:n1 protest.streets:n0 "
    "condemns.verb:n1 condemns.call-it-shame:n0 congratulates.hail:n0 demands.ask-to:n0 "
    "recognises.verb:n0 supports.welcome:n0 violence.shoot:n0".split()
)


def cases(field: str, letter: str) -> list[object]:
    out = []
    for frame in FRAMES:
        for n, text in enumerate(getattr(frame, field)):
            name = f"{frame.id}:{letter}{n}"
            marks = [pytest.mark.xfail(strict=True)] if name in KNOWN_GAPS else []
            out.append(pytest.param(frame, text, id=name, marks=marks))
    return out


def fitting(frame: Frame, text: str) -> list[Claim]:
    """Return the claims that tell what the frame tells; many people hit or held may come as their number."""
    claims = [c for c in read(MARK.sub(r"\2", text)) if c.modality in TOLD]
    told = [
        c
        for c in claims
        if c.kind == frame.kind and frame.stance in {None, c.stance} and frame.outcome in {None, c.outcome}
    ]
    return told or [c for c in claims if c.kind == "figure" and frame.kind in COUNTED]


def overlap(marked: list[str], actors: tuple[Actor, ...]) -> bool:
    found = {word for actor in actors for word in words(f"{actor.name} {actor.country_name or ''}")}
    wanted = {word for text in marked for word in words(text)}
    wanted |= {w for text in marked if (place := PLACES.get(text.lower())) for w in words(place.country)}
    return not marked or bool(found & wanted)


@pytest.mark.parametrize(("frame", "text"), cases("examples", "k"))
def test_an_example_tells_its_kind(frame: Frame, text: str) -> None:
    assert fitting(frame, text)


@pytest.mark.parametrize(("frame", "text"), cases("examples", "r"))
def test_an_example_names_who_acts_and_who_suffers(frame: Frame, text: str) -> None:
    acts, suffers = ([name for role, name in MARK.findall(text) if role == wanted] for wanted in "AR")
    claims = fitting(frame, text)
    for claim in claims:
        actors, recipients = claim.actors, claim.recipients
        if claim.kind == "election_result":  # the winner acts; who declares it is the claim's voice
            actors, recipients = actors + claim.claimed_by, actors
        if claim.kind == "figure" or (overlap(acts, actors) and overlap(suffers, recipients)):
            return
    assert not claims, [(c.actors, c.recipients) for c in claims]


@pytest.mark.parametrize(("frame", "text"), cases("negative", "n"))
def test_a_counterexample_tells_no_such_fact(frame: Frame, text: str) -> None:
    told = [
        c
        for c in read(MARK.sub(r"\2", text))
        if c.kind == frame.kind
        and c.modality is Modality.FACT
        and c.confidence >= 0.5
        and frame.stance in {None, c.stance}
    ]
    assert told == []
