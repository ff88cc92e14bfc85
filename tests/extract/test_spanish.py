"""Spanish: sentences of our own with what the reader must, or must not, take for a fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from monitor.core.model import Actor, Claim, Document, Modality
from monitor.extract.language import load_language
from monitor.extract.places import fold
from monitor.extract.reader import LexicalReader

DAY = datetime(2024, 5, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def reader() -> LexicalReader:
    """Return the reader of both languages."""
    return LexicalReader.load(("en", "es"))


def read(reader: LexicalReader, text: str) -> list[Claim]:
    """Read one Spanish text of a fixed day."""
    return list(
        reader.read(
            Document(
                id="d",
                identity="d",
                name="d",
                source="s",
                text=text,
                retrieved_at=DAY,
                content_hash="h",
                published_at=DAY,
                dated=True,
                language="es",
            )
        )
    )


FACTS = [
    ("La Guardia Civil detuvo ayer a dos contables en Cádiz.", "arrest", "Guardia Civil", "dos contables"),
    (
        "El exministro Tomás Arrieta fue detenido por la policía el lunes.",
        "arrest",
        "policía",
        "Tomás Arrieta",
    ),
    ("Fueron detenidos tres periodistas en el puerto.", "arrest", None, "periodistas"),
    (
        "La jueza Marta Olmedo ordenó la captura de Julio Ferrán.",
        "arrest_order",
        "Marta Olmedo",
        "Julio Ferrán",
    ),
    (
        "La Fiscalía emitió una orden de captura contra Julio Ferrán.",
        "arrest_order",
        "Fiscalía",
        "Julio Ferrán",
    ),
    ("El tribunal excarceló a la concejala Ana Roldán.", "release", "tribunal", "Ana Roldán"),
    ("Ana Roldán quedó en libertad el domingo.", "release", None, "Ana Roldán"),
    ("La Fiscalía imputó a Julio Ferrán por cohecho.", "charge", "Fiscalía", "Julio Ferrán"),
    ("El Senado destituyó a la presidenta Carla Montes.", "charge", "Senado", "Carla Montes"),
    (
        "La Fiscalía abrió una investigación contra el exalcalde Luis Pardo.",
        "investigation",
        "Fiscalía",
        "Luis Pardo",
    ),
    ("La policía allanó la sede del partido Renovación.", "investigation", "policía", None),
    ("El juez dictó prisión preventiva contra Luis Pardo.", "court_ruling", "juez", "Luis Pardo"),
    ("Un tribunal condenó a Luis Pardo a nueve años de prisión.", "court_ruling", "tribunal", "Luis Pardo"),
    ("La Corte Suprema confirmó la sentencia.", "court_ruling", "Corte Suprema", None),
    ("La ministra de Salud, Elena Vidal, renunció al cargo.", "resignation", "Elena Vidal", None),
    ("Dimitió el gobernador Pablo Rentería.", "resignation", "Pablo Rentería", None),
    ("Elena Vidal presentó su renuncia el martes.", "resignation", "Elena Vidal", None),
    (
        "El presidente destituyó a su ministra de Salud, Elena Vidal.",
        "resignation",
        "presidente",
        "Elena Vidal",
    ),
    ("El Gobierno nombró a Rosa Quiroga ministra de Hacienda.", "appointment", "Gobierno", "Rosa Quiroga"),
    ("Rosa Quiroga juró el cargo ante el Congreso.", "appointment", None, "Rosa Quiroga"),
    ("El exministro Bruno Salas se asiló en la embajada de Chile.", "asylum", None, "Bruno Salas"),
    ("El Gobierno decretó el toque de queda en Guayaquil.", "decree", "Gobierno", None),
    ("Se decretó el estado de emergencia en tres provincias.", "decree", None, None),
    ("Canadá sancionó a cuatro generales.", "sanction", "Canada", "cuatro generales"),
    ("El Gobierno declaró persona non grata a la embajadora Inés Luna.", "sanction", "Gobierno", "Inés Luna"),
    ("Miles de estudiantes marcharon contra el rector.", "protest", "estudiantes", "rector"),
    ("Los militares abrieron fuego contra los campesinos.", "violence", "militares", "campesinos"),
    ("Hombres armados asesinaron al alcalde Raúl Peña.", "violence", "Hombres armados", "Raúl Peña"),
    ("El presidente desplegó tropas en el puerto.", "mobilization", "presidente", None),
    ("Los mineros firmaron un acuerdo con el gobernador.", "agreement", "mineros", "gobernador"),
    ("El coronel amenazó con encarcelar a los huelguistas.", "threat", "coronel", None),
    ("El consejo electoral proclamó ganador a Raúl Peña.", "election_result", "Raúl Peña", None),
]

STATEMENTS = [
    ("Brasil rechazó la medida del ministro.", "rejects", "Brazil"),
    ("La Unión Europea condenó el ataque.", "condemns", "European Union"),
    ("El canciller Pedro Lugo repudió el golpe.", "condemns", "Pedro Lugo"),
    ("Los sindicatos exigieron al gobierno una tregua.", "demands", "sindicatos"),
    ("La OEA instó a las autoridades a dialogar.", "demands", "Organization of American States"),
    ("El obispo hizo un llamado a la calma.", "demands", "obispo"),
    ("Uruguay felicitó a la presidenta electa.", "congratulates", "Uruguay"),
    ("La misión expresó su preocupación por los detenidos.", "concern", "misión"),
    ("El alcalde negó que haya cobrado sobornos.", "denies", "alcalde"),
    ("La ONG acusó al ejército de torturas.", "accuses", "ONG"),
    ("Los empresarios expresaron su respaldo al ministro.", "supports", "empresarios"),
]

TRAPS = [
    ("El alcalde Luis Pardo no fue detenido.", "arrest"),
    ("Luis Pardo podría ser detenido esta semana.", "arrest"),
    ("La oposición exigió la detención de Luis Pardo.", "arrest"),
    ("El portavoz negó que Luis Pardo haya sido detenido.", "arrest"),
    ("En 2017 fue detenido el exministro Bruno Salas.", "arrest"),
    ("El coronel amenazó con detener a Luis Pardo.", "arrest"),
    ("Si Luis Pardo pidiera asilo, se le concedería.", "asylum"),
    ("¿Fue detenido Luis Pardo?", "arrest"),
    ("La ministra Elena Vidal no renunciará al cargo.", "resignation"),
    ("Los manifestantes pidieron que renuncie la ministra Elena Vidal.", "resignation"),
    ("El Gobierno no decretó el toque de queda.", "decree"),
    ("El fiscal quiere encarcelar a Luis Pardo.", "arrest"),
    ("El Congreso va a destituir al presidente.", "charge"),
    ("Ningún ministro renunció.", "resignation"),
    ("El árbitro detuvo el partido.", "arrest"),
]

FIGURES = [
    ("Al menos 12 personas murieron en las protestas.", "deaths", 12, ">="),
    ("Hay más de 200 heridos en los hospitales.", "injured", 200, ">"),
    ("La policía detuvo a unos 340 manifestantes.", "detained", 340, "~"),
    ("Perecieron treinta y dos mineros.", "deaths", 32, "="),
    ("Unas 2.000 personas siguen desplazadas.", "displaced", 2000, "~"),
]


def named(actors: Sequence[Actor], name: str | None) -> bool:
    """Whether one of the actors bears the name."""
    return name is None or any(fold(name) in fold(actor.name) for actor in actors)


@pytest.mark.parametrize(("text", "kind", "actor", "recipient"), FACTS, ids=[f[0][:40] for f in FACTS])
def test_facts(reader: LexicalReader, text: str, kind: str, actor: str | None, recipient: str | None) -> None:
    found = [c for c in read(reader, text) if c.kind == kind and c.modality is Modality.FACT]
    assert found, [(c.kind, c.modality, c.notes) for c in read(reader, text)]
    assert any(named(c.actors, actor) and named(c.recipients, recipient) for c in found), [
        ([a.name for a in c.actors], [a.name for a in c.recipients]) for c in found
    ]


@pytest.mark.parametrize(("text", "stance", "actor"), STATEMENTS, ids=[s[0][:40] for s in STATEMENTS])
def test_statements(reader: LexicalReader, text: str, stance: str, actor: str) -> None:
    found = [c for c in read(reader, text) if c.kind == "statement" and c.modality is Modality.FACT]
    assert any(c.stance == stance and named(c.actors, actor) for c in found), [
        (c.stance, [a.name for a in c.actors], c.notes) for c in found
    ]


@pytest.mark.parametrize(("text", "kind"), TRAPS, ids=[t[0][:40] for t in TRAPS])
def test_traps(reader: LexicalReader, text: str, kind: str) -> None:
    wrong = [c for c in read(reader, text) if c.kind == kind and c.modality is Modality.FACT]
    assert not wrong, [(c.quote, c.notes) for c in wrong]


@pytest.mark.parametrize(("text", "metric", "value", "operator"), FIGURES, ids=[f[0][:40] for f in FIGURES])
def test_figures(reader: LexicalReader, text: str, metric: str, value: float, operator: str) -> None:
    found = [c.figure for c in read(reader, text) if c.figure is not None]
    assert any(f.metric == metric and f.value == value and f.operator.value == operator for f in found), found


def test_somebodys_word(reader: LexicalReader) -> None:
    found = read(reader, "Según la Defensoría del Pueblo, murieron 17 civiles.")
    assert any(c.figure and c.claimed_by and named(c.claimed_by, "Defensoría") for c in found)


def test_pronouns_before_the_verb_are_led_back(reader: LexicalReader) -> None:
    text = "Bruno Salas compareció el lunes. La fiscal Irene Soto le abrió una investigación por cohecho."
    found = [c for c in read(reader, text) if c.kind == "investigation"]
    assert any(named(c.recipients, "Bruno Salas") for c in found)


def test_irregular_forms_are_known() -> None:
    forms = load_language("es").forms
    for form, lemma, name in (
        ("detuvo", "detener", "past"),
        ("destituyó", "destituir", "past"),
        ("impuesto", "imponer", "part"),
        ("exija", "exigir", "subj"),
        ("mantendrá", "mantener", "future"),
        ("juró", "jurar", "past"),
        ("rechace", "rechazar", "subj"),
    ):
        assert forms[form][0] == lemma
        assert name in forms[form][1]
