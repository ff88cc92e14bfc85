"""Every sentence that the English lexicon gives as an example is read so, and no counterexample is."""

import pytest

from monitor.extract.examples import Examples
from monitor.extract.language import load_language
from monitor.extract.places import gazetteer
from monitor.extract.triggers import Frame, load_frames
from tests.extract.helpers import reader

EXAMPLES = Examples(reader(), "en", gazetteer(("en", "es")))
FRAMES = load_frames(load_language("en")).frames
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
    "other.apologise:k0 recognises.won-most:k0 recognises.won-most:k1 "
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
    "threat.noun:r0 violence.shoot:r1 violence.fire-arson:r0 "
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


@pytest.mark.parametrize(("frame", "text"), cases("examples", "k"))
def test_an_example_tells_its_kind(frame: Frame, text: str) -> None:
    assert EXAMPLES.kind_failure(frame, text) is None


@pytest.mark.parametrize(("frame", "text"), cases("examples", "r"))
def test_an_example_names_who_acts_and_who_suffers(frame: Frame, text: str) -> None:
    assert EXAMPLES.role_failure(frame, text) is None


@pytest.mark.parametrize(("frame", "text"), cases("negative", "n"))
def test_a_counterexample_tells_no_such_fact(frame: Frame, text: str) -> None:
    assert EXAMPLES.negative_failure(frame, text) is None
