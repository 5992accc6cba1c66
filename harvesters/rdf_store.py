"""A store for rdflib that keeps what is said of each subject and no more: a fifth of the memory that its own takes."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from rdflib import RDF, Graph
from rdflib.store import Store

from ckanext.digitalcity.core.errors import Skippable

Triple = tuple[Any, Any, Any]
MOST = 600_000  # triples, some 300 MB


class Sayings(Store):
    """Answers what is said of a subject, and which subjects have a type; all other questions take a walk through all.

    Nothing is ever taken away, and there is one graph only.
    """

    context_aware = formula_aware = graph_aware = transaction_aware = False

    def __init__(self) -> None:
        super().__init__()
        self._count = 0  # of triples, some of which may be the same
        self._said: dict[Any, list[Any]] = {}  # subject: predicate, object, predicate, object …
        self._types: dict[Any, tuple[Any, ...]] = {}  # subject: its types
        self._typed: dict[Any, dict[Any, None]] = {}  # type: its subjects
        self._terms: dict[Any, Any] = {}
        self._names: dict[str, Any] = {}

    def add(self, triple: Triple, context: Any = None, quoted: bool = False) -> None:
        """Keeps a triple.

        Raises:
            Skippable: there are too many.
        """
        self._count += 1
        if self._count > MOST:
            raise Skippable(
                f"A page of the catalogue makes more than {MOST} statements, the most that are read at once.",
                "Ask the publisher for smaller pages.",
                reason="too-large",
            )
        subject, predicate, object_ = (self._terms.setdefault(term, term) for term in triple)
        if predicate == RDF.type:
            known = self._types.get(subject, ())
            if object_ not in known:
                self._types[subject] = (*known, object_)
                self._typed.setdefault(object_, {})[subject] = None
        else:
            self._said.setdefault(subject, []).extend((predicate, object_))

    def triples(self, pattern: Triple, context: Any = None) -> Generator[tuple[Triple, Iterator[None]], None, None]:
        """The triples that fit a pattern, in which None fits everything."""
        subject, predicate, object_ = pattern
        if subject is not None:
            found = self._of(subject, predicate)
        elif predicate == RDF.type and object_ is not None:
            found = ((one, predicate, object_) for one in list(self._typed.get(object_, ())))
        else:
            found = (triple for one in list({**self._said, **self._types}) for triple in self._of(one, predicate))
        yield from ((triple, iter(())) for triple in found if object_ is None or triple[2] == object_)

    def _of(self, subject: Any, wanted: Any) -> Iterator[Triple]:
        """What is said of a subject, each once: documents repeat themselves."""
        if wanted is None or wanted == RDF.type:
            yield from ((subject, RDF.type, type_) for type_ in self._types.get(subject, ()))
        if wanted != RDF.type:
            said = iter(self._said.get(subject, ()))
            pairs = dict.fromkeys(zip(said, said, strict=True))
            yield from ((subject, p, o) for p, o in pairs if wanted is None or p == wanted)

    def __len__(self, context: Any = None) -> int:
        return self._count

    def bind(self, prefix: str, namespace: Any, override: bool = True) -> None:
        """Prefixes shorten addresses while a document is read."""
        self._names[prefix] = namespace

    def namespace(self, prefix: str) -> Any:
        return self._names.get(prefix)

    def prefix(self, namespace: Any) -> str | None:
        return next((name for name, known in self._names.items() if known == namespace), None)

    def namespaces(self) -> Iterator[tuple[str, Any]]:
        yield from list(self._names.items())


def graph() -> Graph:
    """An empty graph of this kind."""
    return Graph(Sayings(), bind_namespaces="none")
