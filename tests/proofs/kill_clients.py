"""People at work over HTTP while the server dies: each request is sent until it is answered."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from tests.proofs.kill_ledger import Ledger, Told
from tests.proofs.kill_pack import MANAGER, PACK_ID, TOKEN

PATIENCE = 60
"""Seconds after which a request that nobody answers is given up, which is a finding."""
VISITED = "2026-03-02"
DAYS = ("2026-01-05", "2026-01-06", "2026-02-02", "2030-01-07")
"""Days from which a visit is counted: of the last its date has not passed."""
NEWEST, CROWDED = 3, 1
"""Work goes on in so many of the newest cases of a person, so that people meet in them."""

UNANSWERED = "was never answered"


class Unanswered(Exception):
    """No answer came however often it was asked."""


@dataclass
class Client:
    """One person at one screen. `cases` are shared with whoever works under the same name."""

    actor: str
    port: int
    tokens: Mapping[str, str]
    ledger: Ledger
    chance: random.Random
    cases: list[str]
    number: int
    patience: float = PATIENCE
    newest: int = NEWEST
    sent: int = 0
    answered: list[tuple[str, str, str, dict[str, Any], str, bytes]] = field(default_factory=list)

    def work_until(self, stop: Event) -> None:
        while not stop.is_set():
            self.act()

    def act(self) -> None:
        """Do one thing that a worker does."""
        if not self.cases or self.chance.random() < 0.05:
            self.open_case()
            return
        ref = self.chance.choice(self.cases[-self.newest :])
        does = self.chance.choices(
            (self.visit, self.message, self.correct, self.explain, self.draft, self.repeat),
            (10, 3, 3, 2, 2, 2),
        )[0]
        does(ref)

    def open_case(self) -> None:
        token = self._token()
        facts = {"began": self.chance.choice(DAYS), "worker": self.actor, TOKEN: token}
        body = {"pack": PACK_ID, "facts": facts}
        said = self._do("case_opened", "POST", "/cases", body, token)
        if said is not None:
            self.cases.append(said["ref"])

    def visit(self, ref: str) -> None:
        item = self._item(ref, "visit", self.actor)
        if item is None:
            return
        token = self._token()
        # One case in thirty visits ends.
        outcome = "well" if self.chance.random() < 0.03 else "again"
        answers = {"visited": VISITED, "outcome": outcome, TOKEN: token}
        if outcome == "again":
            answers["why"] = "Because"
        path = f"/work-items/{item}/completion"
        said = self._do("visit", "POST", path, {"answers": answers}, token, item=item)
        if said is not None and said["status"] == "closed" and ref in self.cases:
            self.cases.remove(ref)

    def explain(self, ref: str) -> None:
        item = self._item(ref, "say_why", MANAGER)
        if item is None:
            return
        token = self._token()
        path = f"/work-items/{item}/completion"
        body = {"answers": {TOKEN: token}}
        self._do("explained", "POST", path, body, token, actor=MANAGER, item=item)

    def message(self, ref: str) -> None:
        token = self._token()
        payload = {"moved_on": self.chance.choice(DAYS[:3]), "token": token}
        body = {"name": "moved", "payload": payload}
        self._do("message", "POST", f"/cases/{ref}/messages", body, token)

    def correct(self, ref: str) -> None:
        token = self._token()
        day = self.chance.choice(DAYS)
        body = {"fact": "began_on", "value": day, "effective_on": day, "reason": token}
        self._do("fact_corrected", "POST", f"/cases/{ref}/corrections", body, token)

    def draft(self, ref: str) -> None:
        item = self._item(ref, "visit", self.actor)
        if item is not None:
            token = self._token()
            body = {"answers": {"why": token}}
            self._do("draft", "PUT", f"/work-items/{item}/draft", body, token, item=item)

    def repeat(self, _ref: str) -> None:
        """Send something that was answered once more: the answer is the same, the effect too."""
        if not self.answered:
            return
        actor, method, path, body, token, known = self.chance.choice(self.answered[-5:])
        status, said, tries = self.send(actor, method, path, body, key=token)
        if said != known:
            told = Told(token, "repeated", actor, status, tries, differed=True)
            self.ledger.write(told)

    def _do(
        self,
        kind: str,
        method: str,
        path: str,
        body: dict[str, Any],
        token: str,
        *,
        actor: str | None = None,
        item: str | None = None,
    ) -> Any:
        """Send, write down what came back, and return it if it was done."""
        who = actor or self.actor
        status, said, tries = self.send(who, method, path, body, key=token)
        read = json.loads(said)
        done = status in (200, 201)
        self.ledger.write(
            Told(
                token,
                kind,
                who,
                status,
                tries,
                ref=read.get("ref"),
                version=read.get("version") if done else None,
                work_item=item,
            )
        )
        if done:
            self.answered.append((who, method, path, body, token, said))
        return read if done else None

    def _token(self) -> str:
        self.sent += 1
        return f"t{self.number}-{self.sent}"

    def _item(self, ref: str, name: str, actor: str) -> str | None:
        status, said, _ = self.send(actor, "GET", f"/cases/{ref}")
        if status != 200:
            return None
        items = [each for each in json.loads(said)["work_items"] if each["name"] == name]
        return self.chance.choice(items)["id"] if items else None

    def send(
        self,
        actor: str,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        key: str | None = None,
    ) -> tuple[int, bytes, int]:
        """Return status, body and how often it was sent until an answer came whole."""
        headers = {"Authorization": f"Bearer {self.tokens[actor]}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        text = None if body is None else json.dumps(body)
        until, tries = time.monotonic() + self.patience, 0
        while time.monotonic() < until:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.patience)
            try:
                connection.connect()
                tries += 1
                connection.request(method, f"/api/v1{path}", body=text, headers=headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status < 500:
                    return answer.status, said, tries
            except (OSError, http.client.HTTPException):
                # It died on the way, or is just being started again.
                time.sleep(0.005)
            finally:
                connection.close()
        raise Unanswered(f"{method} {path}")
