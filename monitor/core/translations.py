"""Words of offices and bodies by their English ones: "Consejo Nacional Electoral" is the National Electoral Council.

Without them a voice that is quoted in two languages would count as two, and one would confirm the other. Folded words;
those that are surnames as well ("corte", "iglesias") are left out.
"""

from __future__ import annotations

_SPANISH = (
    "consejo:council nacional:national nacionales:national supremo:supreme suprema:supreme justicia:justice "
    "constitucional:constitutional ministerio:ministry ministro:minister ministra:minister presidente:president "
    "presidenta:president gobernador:governor gobernadora:governor juez:judge jueza:judge fiscal:prosecutor "
    "fiscalia:prosecutor procuraduria:prosecutor policia:police ejercito:army fuerzas:forces armadas:armed "
    "gobierno:government estado:state congreso:congress asamblea:assembly parlamento:parliament senado:senate "
    "diputados:deputies legislativa:legislative comision:commission comite:committee defensoria:ombudsman "
    "oficina:office agencia:agency instituto:institute organizacion:organisation sindicato:union partido:party "
    "movimiento:movement alianza:alliance oposicion:opposition coalicion:coalition derechos:rights humanos:human "
    "observatorio:observatory medicos:doctors salud:health defensa:defence exteriores:foreign exterior:foreign "
    "autoridades:authorities portavoz:spokesman embajada:embassy embajador:ambassador embajadora:ambassador "
    "banco:bank naciones:nations unidas:united europea:european europeo:european medios:media "
    "familiares:relatives abogados:lawyers militares:military militar:military internacional:international "
    "publico:public publica:public universidad:university estudiantes:students trabajadores:workers "
    "maestros:teachers campesinos:farmers bomberos:firefighters arzobispo:archbishop obispos:bishops"
)
_IN_ENGLISH = dict(pair.split(":") for pair in _SPANISH.split())
_BODIES = frozenset(
    "consejo tribunal ministerio fiscalia procuraduria policia ejercito gobierno congreso asamblea parlamento senado "
    "comision comite defensoria oficina agencia instituto organizacion sindicato partido movimiento alianza "
    "observatorio embajada banco universidad".split()
)


def in_english(words: list[str]) -> list[str]:
    """Return folded words of a name in English; what a body is comes last there: "council" of "consejo nacional"."""
    told = [_IN_ENGLISH.get(word, word) for word in words]
    return [*told[1:], told[0]] if told != words and words[0] in _BODIES else told
