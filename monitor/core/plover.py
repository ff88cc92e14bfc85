"""The PLOVER ontology: event types, their modes and contexts (Halterman et al., 2023, "PLOVER and POLECAT")."""

from __future__ import annotations

from dataclasses import dataclass

EVENT_TYPES: dict[str, frozenset[str]] = {
    "AGREE": frozenset(),
    "CONSULT": frozenset({"visit", "third-party", "multilateral", "phone"}),
    "SUPPORT": frozenset(),
    "CONCEDE": frozenset(),
    "COOPERATE": frozenset(),
    "AID": frozenset(),
    "RETREAT": frozenset(),
    "REQUEST": frozenset({"assist", "change", "yield", "meet"}),
    "ACCUSE": frozenset({"disapprove", "investigate", "allege"}),
    "REJECT": frozenset({"assist", "change", "yield", "meet"}),
    "THREATEN": frozenset({"restrict", "ban", "arrest", "relations", "expel", "territory", "violence"}),
    "PROTEST": frozenset({"demo", "riot", "strike", "hunger", "boycott", "obstruct"}),
    "SANCTION": frozenset({"convict", "expel", "withdraw", "discontinue", "other"}),
    "MOBILIZE": frozenset({"troops", "weapons", "police", "militia", "other"}),
    "COERCE": frozenset(
        {
            "seize",
            "restrict",
            "ban",
            "censor",
            "curfew",
            "martial-law",
            "arrest",
            "deport",
            "withhold",
            "misinformation",
            "cyber",
        }
    ),
    "ASSAULT": frozenset(
        {
            "beat",
            "torture",
            "execute",
            "sexual",
            "cleanse",
            "assassinate",
            "primitive",
            "firearms",
            "explosives",
            "suicide-attack",
            "heavy-weapons",
            "other",
        }
    ),
}

CONTEXTS = frozenset(
    "military intelligence executive legislative election political legal regime pro_autocracy pro_democracy "
    "territory illegal human_rights historical hypothetical inequality repression peacekeeping terrorism crime "
    "corruption migration economic natural_resource environment disaster health pandemic gender lgbt religious "
    "intergroup education science academic diplomatic technology cyber misinformation asylum reparations".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plover:
    """A PLOVER coding: event type, mode and contexts; `event_type` None where PLOVER has none."""

    event_type: str | None = None
    mode: str | None = None
    contexts: tuple[str, ...] = ()
