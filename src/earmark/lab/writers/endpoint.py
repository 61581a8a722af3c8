"""A writer that asks a language model behind any address that is like OpenAI's."""

from __future__ import annotations

from dataclasses import dataclass

from earmark.lab.writers import Reply, Wish
from earmark.lab.writers.chat import Chat, open_chat
from earmark.lab.writers.prompt import DIGEST, prompt_for, taken


@dataclass(frozen=True)
class Endpoint:
    """The writer."""

    chat: Chat
    count: int
    at_once: int

    @property
    def name(self) -> str:
        """What its rewrites depend on; not the address, as a model may move."""
        return f"endpoint {self.chat.model} {self.count} {DIGEST}"

    def write(self, sentence: str) -> Reply:
        """Ask for rewrites of a sentence."""
        return taken(self.chat.ask(prompt_for(sentence, self.count)), sentence, self.count)


def open_writer(wish: Wish) -> Endpoint:
    """Make the writer; the first sentence shows whether there is anything at its address."""
    return Endpoint(open_chat(wish), wish.count, wish.at_once)
