"""The learned reader's network: one encoder, a head that marks events, a head that marks who plays in one of them."""

from __future__ import annotations

from torch import Tensor, nn
from transformers import BertModel

from monitor.extract.learned.labels import MAX_DISTANCE, OUTPUTS, ROLES, WHYS
from training.base import empty_encoder, public_encoder

HIDDEN_ROLES = 192


class EventHead(nn.Module):
    """Word states (B, T, H) to event logits (B, T, OUTPUTS) and reasons (B, T, WHYS)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.inner = nn.Linear(width, width)
        self.events = nn.Linear(width, OUTPUTS)
        self.whys = nn.Linear(width, len(WHYS))
        nn.init.constant_(self.events.bias, -4.0)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of the events and of the reasons."""
        inner = nn.functional.gelu(self.inner(self.drop(states)))
        return self.events(inner), self.whys(inner)


class RoleHead(nn.Module):
    """What each word of a sentence is to one event of it.

    `states` (E, T, H) words, `trigger` (E, T) 1.0 on the trigger's words, `output` (E) which event output fired,
    `distance` (E, T) pieces from the trigger, moved to 0 … 2·MAX_DISTANCE. Returns logits (E, T, ROLES).
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.drop = nn.Dropout(0.1)
        self.word = nn.Linear(width, HIDDEN_ROLES)
        self.query = nn.Linear(width, HIDDEN_ROLES)
        self.word_times = nn.Linear(width, HIDDEN_ROLES)
        self.query_times = nn.Linear(width, HIDDEN_ROLES)
        self.output = nn.Embedding(OUTPUTS, HIDDEN_ROLES)
        self.distance = nn.Embedding(2 * MAX_DISTANCE + 1, HIDDEN_ROLES)
        self.mix = nn.Linear(HIDDEN_ROLES, HIDDEN_ROLES)
        self.roles = nn.Linear(HIDDEN_ROLES, len(ROLES))

    def forward(self, states: Tensor, trigger: Tensor, output: Tensor, distance: Tensor) -> Tensor:
        """Return logits of the roles."""
        states = self.drop(states)
        share = trigger / trigger.sum(dim=1, keepdim=True).clamp(min=1.0)
        centre = (states * share.unsqueeze(-1)).sum(dim=1, keepdim=True)
        hidden = (
            self.word(states)
            + self.query(centre)
            + self.output(output).unsqueeze(1)
            + self.distance(distance)
            + self.word_times(states) * self.query_times(centre)
        )
        hidden = nn.functional.gelu(hidden)
        return self.roles(hidden + nn.functional.gelu(self.mix(hidden)))


class Reader(nn.Module):
    """The whole network."""

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        self.encoder = encoder
        width = encoder.config.hidden_size
        self.events = EventHead(width)
        self.roles = RoleHead(width)

    @classmethod
    def fresh(cls, kept: list[int]) -> Reader:
        """Return the network with the public encoder's weights, for the word pieces kept, and heads not yet trained."""
        return cls(public_encoder(kept))

    @classmethod
    def trained(cls, state: dict[str, Tensor]) -> Reader:
        """Return the network with the weights given."""
        reader = cls(empty_encoder(len(state["encoder.embeddings.word_embeddings.weight"])))
        reader.load_state_dict(state)
        return reader

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return word states (B, T, H) of windows of pieces (B, T)."""
        return self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
