"""Bad days of staff: lines that break in the middle of a reply, two people on one conversation, restarts under a
listener."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Callable, Iterator, List

import pytest

import staff_e2e
from staff_e2e import Office, practice, words_of_staff
from staff_socket import CuttingSocket, call
from test_staff_api import UnixConnection

new_office, office = staff_e2e.new_office, staff_e2e.office


@pytest.fixture
def cutting(office: Office) -> Iterator[CuttingSocket]:
    cutting = CuttingSocket(office.socket)
    yield cutting
    cutting.close()


# A line that breaks in the middle of a reply

@pytest.mark.parametrize("when", ["before", "after"])
def test_a_reply_that_lost_its_line_is_kept_and_sent_once(
    office: Office, cutting: CuttingSocket, when: str
) -> None:
    roos, text = office.members["roos"], f"kom morgen terug, cut {when}"
    conversation = practice(roos)
    roos.items(conversation)
    cutting.cut(b"/replies ", when)
    lost = roos.run("reply", conversation, text, "--socket", cutting.path)
    assert lost.returncode == 69, lost
    assert "--resume" in lost.stderr + lost.stdout, "it says how it goes on"
    assert words_of_staff(roos, conversation) == ([] if when == "before" else [text])
    for path in roos.folder.rglob("*"):
        if path.is_file():
            assert b"morgen" not in path.read_bytes(), "a draft is sealed"
    # Again through the same line, and it breaks again: still nothing twice.
    assert roos.run("reply", conversation, "--resume", "--socket", cutting.path).returncode == 69
    roos.sila("reply", conversation, "--resume")
    assert words_of_staff(roos, conversation) == [text], "sent once"
    keys = {re.search(rb"(?i)idempotency-key: *(\S+)", request)[1] for request in cutting.requests}
    assert len(cutting.requests) >= 2 and len(keys) == 1, "one intended change, one key"
    # There is no draft any more.
    assert roos.run("reply", conversation, "--resume").returncode != 0
    assert words_of_staff(roos, conversation) == [text]


def test_a_bridge_that_is_away_is_said_and_nothing_is_lost(new_office: Callable[..., Office]) -> None:
    office = new_office()
    office.bridge.start(online=False)
    conversation = practice(office.coordinator)
    office.coordinator.items(conversation)
    office.bridge.stop()
    for command in (["inbox"], ["show", conversation], ["staff", "list"]):
        done = office.coordinator.run(*command)
        assert done.returncode == 69 and "silad" in done.stderr, done
    lost = office.coordinator.run("reply", conversation, "een woord voor later")
    assert lost.returncode == 69 and "--resume" in lost.stderr, lost
    office.bridge.start(online=False)
    assert words_of_staff(office.coordinator, conversation) == []
    office.coordinator.sila("reply", conversation, "--resume")
    assert words_of_staff(office.coordinator, conversation) == ["een woord voor later"]


def test_two_people_on_one_conversation_pass_over_nothing(office: Office) -> None:
    roos, coordinator = office.members["roos"], office.coordinator
    conversation = practice(roos)
    roos.items(conversation)
    coordinator.items(conversation)
    roos.sila("reply", conversation, "de eerste was ik")
    crossed = coordinator.run("reply", conversation, "en ik de tweede")
    assert crossed.returncode == 75
    assert "de eerste was ik" in crossed.stdout + crossed.stderr, "what came in between is shown"
    assert words_of_staff(coordinator, conversation) == ["de eerste was ik"], "and nothing was sent"
    coordinator.sila("reply", conversation, "--resume")
    assert words_of_staff(roos, conversation) == ["de eerste was ik", "en ik de tweede"]
    # Both want it: the second is told who has it.
    roos.sila("takeover", conversation)
    taken = coordinator.run("takeover", conversation)
    assert taken.returncode == 75 and "roos" in taken.stdout + taken.stderr


# Listening

def read_events(office: Office, token: str, after: int, until: int) -> List[int]:
    """Numbers of events after one, up to and with another."""
    connection = UnixConnection(office.socket)
    with contextlib.closing(connection):
        connection.request(
            "GET", "/v1/events", headers={"Authorization": f"Bearer {token}", "Last-Event-ID": str(after)})
        response = connection.getresponse()
        assert response.status == 200
        numbers: List[int] = []
        while not numbers or numbers[-1] < until:
            line = response.readline()
            assert line, "the stream ended"
            if line.startswith(b"id:"):
                numbers.append(int(line[3:]))
        return numbers


def newest_event(office: Office, token: str) -> int:
    return call(office.socket, "GET", "/v1/inbox?filter=all", token=token)[1]["event"]


def test_events_go_on_without_gap_or_repeat_across_a_restart(new_office: Callable[..., Office]) -> None:
    office = new_office()
    office.bridge.start(online=False)
    coordinator = office.coordinator
    with coordinator.watch() as watch:
        conversation = practice(coordinator)
        token = office.api().log_in()
        first = read_events(office, token, 0, newest_event(office, token))
        watch.wait("the first", lambda event: event.get("conversation") == conversation)
        office.bridge.stop()
        office.bridge.start(online=False)
        assert call(office.socket, "GET", "/v1/inbox", token=token)[0] == 401, "sessions end with the daemon"
        coordinator.sila("note", conversation, "after the restart")
        later = practice(coordinator)
        token = office.api().log_in()
        newest = newest_event(office, token)
        second = read_events(office, token, first[-1], newest)
        assert first + second == read_events(office, token, 0, newest)
        assert len(second) >= 2 and sorted(set(first + second)) == first + second
        # Any place in between.
        assert read_events(office, token, first[0], newest) == (first + second)[1:]
        # The person who watches noticed nothing.
        assert later != conversation
        watch.wait("what came after", lambda event: event["number"] == newest, seconds=90)
        seen = [json.dumps(event, sort_keys=True) for event in watch.events]
        assert len(seen) == len(set(seen)), "nothing twice"
        assert [event["number"] for event in watch.events] == first + second, "nothing is missed"
