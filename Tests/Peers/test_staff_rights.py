"""Who may do what, asked of a running `silad` over its socket: every operation of `Documentation/openapi.yaml` in
every role as `Documentation/roles.md` says, without a log-in, with another's name, and with things said before."""

from __future__ import annotations

import base64
import contextlib
import re
import secrets
import sqlite3
import struct
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

import pytest
import yaml

from conftest import REPOSITORY
from silatools.prosody import Prosody
from staff_e2e import Office, close_office, make_office
from staff_formats import b64
from staff_socket import Answer, call
from test_staff_api import UnixConnection, transcript

ROLES = ["coordinator", "staff", "finance", "intern", "auditor"]
UNKNOWN = 424242


class Operation(NamedTuple):
    name: str
    method: str
    path: str
    is_open: bool
    has_key: bool
    example: Any


def operations() -> Dict[str, Operation]:
    found = {}
    document = yaml.safe_load((REPOSITORY / "Documentation" / "openapi.yaml").read_text("utf-8"))
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            parameters = [entry["$ref"].rsplit("/", 1)[1] for entry in details.get("parameters", [])]
            body = details.get("requestBody", {}).get("content", {}).get("application/json", {})
            found[details["operationId"]] = Operation(
                details["operationId"], method.upper(), path, details.get("security") == [],
                "IdempotencyKey" in parameters, body.get("example"))
    return found


def rights() -> Dict[Tuple[str, str], str]:
    """(operation, role) → `yes`, `assigned` or `–`, from the table in roles.md."""
    found = {}
    for line in (REPOSITORY / "Documentation" / "roles.md").read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 8 and cells[2] in ("read", "write"):
            found.update({(cells[1], role): right for role, right in zip(ROLES, cells[3:])})
    return found


OPERATIONS, RIGHTS = operations(), rights()
CLOSED = sorted(name for name, operation in OPERATIONS.items() if not operation.is_open)


class Rights:
    """One bridge, a member in each role, and two conversations: `own` is the intern's, `foreign` is not."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.tokens = {"coordinator": office.api().log_in()}
        for role in ROLES[1:]:
            office.admit_quickly(f"roos-{role}", role)
            self.tokens[role] = office.api(f"roos-{role}").log_in()
        self.foreign, self.foreign_contact = self._practice("staff")
        self.own, self.own_contact = self._practice("intern")

    def name(self, role: str) -> str:
        return role if role == "coordinator" else f"roos-{role}"

    def ask(self, role: str, operation: str, values: Dict[str, Any], body: Any = None) -> Answer:
        """A request with the role's token; `""` is none at all."""
        details = OPERATIONS[operation]
        path = re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), details.path)
        return call(
            self.office.socket, details.method, path, body, token=self.tokens.get(role, ""),
            key=secrets.token_hex(16) if details.has_key else "")

    def body(self, operation: str, values: Dict[str, Any]) -> Any:
        """A body that is right for a conversation."""
        conversation = values["conversation"]
        if operation in ("reply", "setAttention", "assign"):
            row = self.row(conversation)
            seen = row["newestItem"] if row else 1
            return {
                "reply": {"text": "Good day.", "seen": seen}, "setAttention": {"waits": True, "seen": seen},
                "assign": {"member": row["assigned"] if row else "", "from": row["assigned"] if row else ""},
            }[operation]
        if operation == "addEntry":
            return self.entry(values["contact"])
        if operation == "addAttachment":
            return bytes(40)
        if operation == "eraseContact":
            return {"confirm": values["contact"]}
        if operation == "reportOpened":
            return {"conversation": conversation, "items": 1}
        return OPERATIONS[operation].example

    def row(self, conversation: int) -> Dict[str, Any]:
        status, page = call(
            self.office.socket, "GET", f"/v1/conversations/{conversation}", token=self.tokens["coordinator"])
        return page["row"] if status == 200 else {}

    def entry(self, contact: int) -> Dict[str, Any]:
        """A task as a staff program would seal it, with bytes that nobody can open."""
        return {
            "kind": "task", "token": b64(secrets.token_bytes(16)), "sealed": b64(b"\x01" + secrets.token_bytes(92)),
            "segment": {
                "token": b64(secrets.token_bytes(16)), "contact": contact, "day": 20778, "compartment": "desk",
                "wrapped": b64(b"\x01" + self.office.archive_key("desk") + secrets.token_bytes(80))},
        }

    def values(self, operation: str, conversation: int, contact: int) -> Dict[str, Any]:
        """What stands in the path; a task of the conversation when one is asked for."""
        values = {"conversation": conversation, "contact": contact, "member": self.name("intern"), "entry": UNKNOWN,
                  "attachment": UNKNOWN, "device": UNKNOWN}
        if "{attachment}" in (OPERATIONS[operation].path if operation else "") and conversation != UNKNOWN:
            values["attachment"] = self.attachment(conversation, is_staged=operation == "sendAttachment")
        if operation == "closeEntry" and conversation != UNKNOWN:
            status, created = self.ask("coordinator", "addEntry", values, self.entry(contact))
            assert status == 200, created
            values["entry"] = created["id"]
        return values

    def attachment(self, conversation: int, *, is_staged: bool) -> int:
        """A voice note of a conversation whose file the disk lost, or a file of staff that was not sent yet: no
        practice contact sends or takes any."""
        with contextlib.closing(sqlite3.connect(self.office.database, timeout=30)) as store, store:
            position, message, stored_at = store.execute(
                "SELECT position, row_id, stored_at FROM item WHERE conversation_id = ? AND kind = 'message'",
                (conversation,)).fetchone()
            return store.execute(
                """INSERT INTO attachment (conversation_id, message_id, position, direction, kind, state, token,
                    source, size, stored_at) VALUES (?, ?, ?, ?, 'voice', ?, ?, x'', 1, ?)""",
                (conversation, *((0, 0, "out", "staged") if is_staged else (message, position, "in", "fetched")),
                 secrets.token_hex(16), stored_at)).lastrowid

    def _practice(self, role: str) -> Tuple[int, int]:
        status, row = self.ask(role, "addPracticeContact", {}, {"story": ""})
        assert status == 200, row
        return row["conversation"], row["contact"]


@pytest.fixture(scope="module")
def rights_office(tmp_path_factory: pytest.TempPathFactory, server: Prosody) -> Iterator[Rights]:
    office = make_office(tmp_path_factory.mktemp("rights"), server, tmp_path_factory)
    try:
        office.bridge.start()
        yield Rights(office)
    finally:
        close_office(office)


#: What stops being usable by being used: each role gets one of its own.
USED_UP = {"hide", "eraseContact"}


def test_the_documents_speak_of_the_same_operations():
    assert {operation for operation, _ in RIGHTS} == set(CLOSED)
    assert len(RIGHTS) == len(CLOSED) * len(ROLES) and set(RIGHTS.values()) == {"yes", "assigned", "–"}
    assert sorted(set(OPERATIONS) - set(CLOSED)) == ["getHealth", "getRoster", "logIn", "makeChallenge"]


def is_denied(answer: Answer) -> bool:
    status, body = answer
    return status == 403 and body["code"] == "forbidden"


def was_let_in(answer: Answer) -> bool:
    """Done, or refused for another reason than who asks."""
    status, body = answer
    return status == 200 or body["code"] in ("conflict", "refused", "needsSecondPerson")


@pytest.mark.parametrize("operation", CLOSED)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_the_table_says(rights_office: Rights, operation: str, role: str) -> None:
    rights, right = rights_office, RIGHTS[operation, role]
    if operation == "logOut":
        # A session of its own: the others go on.
        token, rights.tokens["leaving"] = rights.tokens[role], rights.office.api(rights.name(role)).log_in()
        status, body = rights.ask("leaving", operation, {})
        assert (status == 200) == (right == "yes"), body
        assert call(rights.office.socket, "GET", "/v1/session", token=rights.tokens["leaving"])[0] == 401
        assert call(rights.office.socket, "GET", "/v1/session", token=token)[0] == 200
        return
    whose = "intern" if right == "assigned" else "staff"
    conversation, contact = (rights.own, rights.own_contact) if right == "assigned" else \
        (rights.foreign, rights.foreign_contact)
    if operation in USED_UP and right != "–":
        conversation, contact = rights._practice(whose)
    values = rights.values(operation, conversation, contact)
    answer = rights.ask(role, operation, values, rights.body(operation, values))
    if right == "–":
        assert is_denied(answer), answer
    else:
        assert was_let_in(answer), answer
    if right == "assigned" and ("{" in OPERATIONS[operation].path or operation == "reportOpened"):
        foreign = rights.values(operation, rights.foreign, rights.foreign_contact)
        nowhere = rights.values(operation, UNKNOWN, UNKNOWN)
        one, other = (rights.ask(role, operation, of, rights.body(operation, {**foreign, "conversation": of[
            "conversation"]})) for of in (foreign, nowhere))
        assert one[0] == 404, one
        assert without_numbers(one) == without_numbers(other), "a foreign conversation looks like none"


def without_numbers(answer: Answer) -> str:
    return re.sub(r"\d+", "#", repr(answer[1])) + str(answer[0])


@pytest.mark.parametrize("name", CLOSED)
def test_without_a_session_nothing_is_answered(rights_office: Rights, name: str) -> None:
    values = rights_office.values("", rights_office.own, rights_office.own_contact)
    details = OPERATIONS[name]
    path = re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), details.path)
    made_up = b64(secrets.token_bytes(32)).rstrip("=").replace("+", "-").replace("/", "_")
    for token in ("", made_up, "Bearer", rights_office.tokens["intern"][:-1]):
        status, body = call(
            rights_office.office.socket, details.method, path, details.example, token=token,
            key=secrets.token_hex(16) if details.has_key else "")
        assert (status, body["code"]) == (401, "unauthenticated"), (token, body)


def items_of(stream: bytes) -> List[int]:
    """The conversations of the items in a bulk stream (openapi.yaml, streamArchive)."""
    assert stream[:5] == b"SILA\x01"
    conversations, rest = [], stream[5:]
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        frame, rest = rest[4:4 + length], rest[4 + length:]
        if frame[0] == 2:
            conversations.append(struct.unpack(">q", frame[19:27])[0])
    return conversations


def test_an_intern_is_served_nothing_of_others_in_lists(rights_office: Rights) -> None:
    rights = rights_office
    _, page = rights.ask("intern", "listInbox", {})
    _, everything = call(rights.office.socket, "GET", "/v1/inbox?filter=all", token=rights.tokens["intern"])
    for row in [*page["rows"], *everything["rows"]]:
        assert row["assigned"] == "roos-intern"
    assert rights.own in [row["conversation"] for row in everything["rows"]]
    _, stream = rights.ask("intern", "streamArchive", {})
    _, whole = rights.ask("coordinator", "streamArchive", {})
    assert rights.own in items_of(stream) and rights.foreign not in items_of(stream)
    assert {rights.own, rights.foreign} <= set(items_of(whole))


class Forger:
    """Log-ins said byte by byte."""

    def __init__(self, rights: Rights) -> None:
        self.socket, self.office = rights.office.socket, rights.office
        _, health = call(self.socket, "GET", "/v1/health")
        self.deployment = base64.b64decode(health["deployment"])

    def challenge(self, member: str) -> bytes:
        status, body = call(self.socket, "POST", "/v1/session/challenge", {"member": member})
        assert status == 200, body
        return base64.b64decode(body["challenge"])

    def answer(self, signer: str, *, says: str, challenge: bytes, signs: str = "", deployment: bytes = b"",
               domain: str = "sila staff login") -> Dict[str, str]:
        signature = self.office.keys(signer).signing.sign(
            transcript(domain, 1, deployment or self.deployment, signs or says, challenge))
        return {"member": says, "challenge": b64(challenge), "signature": b64(signature)}

    def log_in(self, body: Dict[str, str]) -> Answer:
        return call(self.socket, "POST", "/v1/session", body)


def test_a_captured_log_in_opens_nothing_again(rights_office: Rights) -> None:
    forger = Forger(rights_office)
    captured = forger.answer("roos-staff", says="roos-staff", challenge=forger.challenge("roos-staff"))
    status, session = forger.log_in(captured)
    assert (status, session["role"]) == (200, "staff")
    for _ in range(2):
        status, body = forger.log_in(captured)
        assert (status, body["code"]) == (401, "unauthenticated")
    # The session that was rightly begun is not harmed by it.
    assert call(forger.socket, "GET", "/v1/session", token=session["token"])[0] == 200


@pytest.mark.parametrize("what", [
    "another's name", "another's challenge", "a challenge of nobody", "another deployment", "another purpose",
    "an altered signature", "after a failed attempt"])
def test_a_log_in_that_is_not_genuine_is_refused(rights_office: Rights, what: str) -> None:
    forger, intern, victim = Forger(rights_office), "roos-intern", "coordinator"
    challenge = forger.challenge(victim)
    if what == "another's name":
        body = forger.answer(intern, says=victim, challenge=challenge)
    elif what == "another's challenge":
        body = forger.answer(intern, says=intern, challenge=challenge)
    elif what == "a challenge of nobody":
        body = forger.answer(victim, says=victim, challenge=secrets.token_bytes(32))
    elif what == "another deployment":
        body = forger.answer(victim, says=victim, challenge=challenge, deployment=secrets.token_bytes(16))
    elif what == "another purpose":
        body = forger.answer(victim, says=victim, challenge=challenge, domain="sila roster entry")
    else:
        body = forger.answer(victim, says=victim, challenge=challenge)
        right = dict(body)
        altered = bytearray(base64.b64decode(body["signature"]))
        altered[5] ^= 1
        body["signature"] = b64(bytes(altered))
    status, refused = forger.log_in(body)
    assert (status, refused["code"]) == (401, "unauthenticated"), refused
    assert "token" not in refused
    if what == "after a failed attempt":
        assert forger.log_in(right)[0] == 401, "a challenge is good for one attempt"


def test_somebody_unknown_gets_no_session(rights_office: Rights) -> None:
    status, body = call(rights_office.office.socket, "POST", "/v1/session/challenge", {"member": "stranger"})
    if status == 404:
        assert body["code"] == "notFound"
        return
    forger = Forger(rights_office)
    assert forger.log_in(forger.answer(
        "coordinator", says="stranger", challenge=base64.b64decode(body["challenge"])))[0] == 401


def outgoing(rights: Rights, conversation: int) -> List[int]:
    _, page = call(
        rights.office.socket, "GET", f"/v1/conversations/{conversation}?limit=500",
        token=rights.tokens["coordinator"])
    return [item["id"] for item in page["items"] if item.get("direction") == "out"]


def test_a_reply_said_again_with_its_key_is_done_once(rights_office: Rights) -> None:
    rights = rights_office
    conversation, _ = rights._practice("staff")
    path, key, token = f"/v1/conversations/{conversation}/replies", secrets.token_hex(16), rights.tokens["staff"]
    body = {"text": "Once, and not again.", "seen": rights.row(conversation)["newestItem"]}
    before = outgoing(rights, conversation)
    first = call(rights.office.socket, "POST", path, body, token=token, key=key)
    assert first[0] == 200, first
    # The same bytes again: as a thief would, as a client that lost its answer would, and all at once.
    with ThreadPoolExecutor(8) as pool:
        again = list(pool.map(
            lambda _: call(rights.office.socket, "POST", path, body, token=token, key=key), range(16)))
    assert again == [first] * 16
    # In a new session of the same member too.
    new = rights.office.api("roos-staff").log_in()
    assert call(rights.office.socket, "POST", path, body, token=new, key=key) == first
    assert set(outgoing(rights, conversation)) - set(before) == {first[1]["id"]}

    status, refused = call(rights.office.socket, "POST", path, {**body, "text": "Else."}, token=token, key=key)
    assert (status, refused["code"]) == (409, "keyReused")
    # Whose key it was is no secret to keep: for another member it means nothing.
    other = call(rights.office.socket, "POST", path, body, token=rights.tokens["coordinator"], key=key)
    assert other != first
    assert call(rights.office.socket, "POST", path, body, key=key)[0] == 401


def test_the_same_key_at_once_is_one_change(rights_office: Rights) -> None:
    rights = rights_office
    conversation, contact = rights._practice("staff")
    body, key = rights.entry(contact), secrets.token_hex(16)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: call(
            rights.office.socket, "POST", f"/v1/conversations/{conversation}/entries", body,
            token=rights.tokens["staff"], key=key), range(16)))
    assert answers == [answers[0]] * 16 and answers[0][0] == 200, answers
    _, page = call(
        rights.office.socket, "GET", f"/v1/conversations/{conversation}?limit=500", token=rights.tokens["staff"])
    assert [item["id"] for item in page["items"] if item["kind"] == "task"] == [answers[0][1]["id"]]


@pytest.mark.parametrize("name", sorted(name for name, operation in OPERATIONS.items() if operation.has_key))
def test_no_change_without_an_idempotency_key(rights_office: Rights, name: str) -> None:
    rights = rights_office
    values = rights.values("", rights.own, rights.own_contact)
    role = next(role for role in ROLES if RIGHTS[name, role] != "–")
    details = OPERATIONS[name]
    path = re.sub(r"\{(\w+)\}", lambda found: str(values[found[1]]), details.path)
    for key in ("", "short", "with space and more", "x" * 65):
        status, body = call(
            rights.office.socket, details.method, path, details.example, token=rights.tokens[role], key=key)
        assert (status, body["code"]) == (400, "malformed"), (key, body)


def test_who_is_taken_out_is_refused_at_the_next_request(rights_office: Rights) -> None:
    rights = rights_office
    rights.office.admit_quickly("leaver", "staff")
    token = rights.office.api("leaver").log_in()
    assert call(rights.office.socket, "GET", "/v1/inbox", token=token)[0] == 200
    said = rights.office.coordinator.sila("staff", "revoke", "leaver")
    assert "leaver" in said
    status, body = call(rights.office.socket, "GET", "/v1/inbox", token=token)
    assert (status, body["code"]) == (401, "unauthenticated")
    assert "not" in rights.office.members["leaver"].sila("inbox", status=77).lower()


def test_another_role_holds_at_the_next_request(rights_office: Rights) -> None:
    rights = rights_office
    rights.office.admit_quickly("climber", "staff")
    token = rights.office.api("climber").log_in()
    assert call(rights.office.socket, "GET", "/v1/inbox", token=token)[0] == 200
    rights.office.coordinator.sila("staff", "role", "climber", "auditor")
    status, _ = call(rights.office.socket, "GET", "/v1/inbox", token=token)
    assert status in (401, 403)
    new = rights.office.api("climber").log_in()
    assert call(rights.office.socket, "GET", "/v1/inbox", token=new)[0] == 403
    assert call(rights.office.socket, "GET", "/v1/audit", token=new)[0] == 200


def test_the_event_stream_ends_with_the_membership(rights_office: Rights) -> None:
    """Who was taken out learns not even that something happens."""
    rights = rights_office
    rights.office.admit_quickly("listener", "staff")
    connection = UnixConnection(rights.office.socket)
    with contextlib.closing(connection):
        connection.request("GET", "/v1/events", headers={
            "Authorization": f"Bearer {rights.office.api('listener').log_in()}"})
        response = connection.getresponse()
        assert response.status == 200
        rights.office.coordinator.sila("staff", "revoke", "listener")
        conversation, _ = rights._practice("staff")
        try:
            while line := response.readline():
                assert f'"conversation":{conversation},'.encode() not in line, "told after they were taken out"
        except TimeoutError:
            pytest.fail("the stream stays open")
