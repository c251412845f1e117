"""A day of two people, a coordinator and an intern, who type into their terminals, and of four contacts."""

from __future__ import annotations

import json
import re
from typing import Callable, List, Tuple

import pytest

import staff
from language import assert_is
from silatools import processes
from silatools.contact import Contact
from silatools.prosody import Prosody
from staff import Helpline
from staff_day import QUESTIONS, Day, found, items, number, table, words
from staff_e2e import agent_process

helpline, make_helpline = staff.helpline, staff.make_helpline
PASSPHRASE, YES_OR_NO = "Passphrase:", r"\[y/N\]"


@pytest.fixture
def day(helpline: Helpline, server: Prosody, make_contact: Callable[..., Contact]) -> Day:
    return Day(helpline, {name: make_contact(server, name).connect() for name in QUESTIONS})


def test_day_of_two_people(day: Day):
    coordinator_comes_in(day)
    intern_joins(day)
    contacts_write(day)
    coordinator_reads_and_assigns(day)
    danger_is_answered(day)
    intern_sees_only_hers(day)
    released_answer_goes_at_once(day)
    edited_answer_waits_for_a_second_person(day)
    own_words_are_given_back(day)
    both_answer_one_conversation(day)
    takeover_silences_the_bot(day)
    notes_tags_and_tasks(day)
    contact_is_seen_live(day)
    known_person_is_hidden(day)
    practice(day)
    everything_is_found(day)
    improvements_and_audit(day)
    locked_in_the_evening(day)
    intern_leaves(day)
    day.everything_arrived_once()


def coordinator_comes_in(day: Day) -> None:
    shown = day.desk.run("sila unlock", (PASSPHRASE, day.boss.passphrase))
    assert re.fullmatch(
        r"Passphrase:\nUnlocked as coordinator, until \S+ \S+ if it is not used, \S+ \S+ at the latest\. "
        r"To forget at once: sila lock", shown)
    # A demo: keys and bridge on one machine, one coordinator. That is said, and in red.
    shown = day.desk.run("sila doctor", status=1)
    assert re.findall(r"^RED (.*?):", shown, re.M) == ["key mode", "sole holder"]
    assert "ok  channel xmpp: on line since" in shown
    assert day.desk.run("sila today") == "Nothing waits for you."
    assert day.desk.run("sila inbox") == "Nobody waits."


def intern_joins(day: Day) -> None:
    request, passphrase = day.intern.request, day.intern.passphrase
    shown = day.nadia.run(
        f"sila join --name nadia --socket {day.helpline.socket} > {request}",
        ("New passphrase", passphrase), ("The same again:", passphrase))
    assert passphrase not in day.nadia.written, "a passphrase is not shown"
    assert "sila whoami" in shown
    hers = re.search(r"^  (\w{5}(?:-\w{5}){4})$", shown, re.M)[1]

    # The request was brought on a stick, and the two compare their screens.
    shown = day.desk.run(
        f"sila staff add {request} --role intern", (YES_OR_NO, "y"), (PASSPHRASE, day.boss.passphrase))
    assert re.search(r"^  (\w{5}(?:-\w{5}){4})$", shown, re.M)[1] == hers
    assert "'nadia' is intern now." in shown
    deployment = re.search(r"It is: (\S+)$", shown, re.M)[1]

    shown = day.nadia.run("sila whoami", (YES_OR_NO, "y"))
    assert re.search(r"^  (\w{5}(?:-\w{5}){4})$", shown, re.M)[1] == deployment
    assert shown.endswith(
        f"nadia, intern\n  your fingerprint: {hers}\n  deployment: {deployment}\n"
        f"  may read: conversation, desk\n  keys: {day.intern.folder}")
    assert day.nadia.run("sila unlock", (PASSPHRASE, passphrase)).startswith("Passphrase:\nUnlocked as nadia, ")
    assert day.nadia.run("sila inbox") == "Nobody waits."


def contacts_write(day: Day) -> None:
    for name, question in QUESTIONS.items():
        day.writes(name, question)
    shown = day.desk.run("sila inbox")
    assert table(shown) == [
        ["c4", "now", "DANGER", "nobody", "ary-Latn", "xmpp", "the bridge",
         "handed over: danger mental-distress-and-suicide"],
        ["c1", "now", "nobody", "ary", "xmpp", "the bridge", "answered luggage-missing-on-arrival"],
        ["c2", "now", "nobody", "ary-Latn", "xmpp", "the bridge", "answered where-is-my-relative"],
        ["c3", "now", "nobody", "nl", "xmpp", "the bridge", "handed over (unsure) tell-how-removal-went"],
    ]
    assert shown.endswith("\n\n4 wait, 1 IN DANGER.")
    assert re.findall(r"^[A-Z]\w+.*", day.desk.run("sila today"), re.M) == ["DANGER", "Waits longest"]


def coordinator_reads_and_assigns(day: Day) -> None:
    shown = day.desk.run("sila show c1")
    assert items(shown) == [
        ("m1 the contact · encrypted to the bridge", QUESTIONS["yassine"]),
        ("m2 the bot · encrypted to the bridge · at the server · ary · topic luggage-missing-on-arrival",
         words(day.received["yassine"][0])),
    ]
    # Each line of Arabic keeps its place behind the margin: it is isolated, and no isolate is left open.
    arabic = [line for line in shown.split("\n") if re.search("[\u0600-\u06ff]", line)]
    assert len(arabic) > 3
    for line in arabic:
        assert re.fullmatch("  │ [\u2067\u2068][^\u202a-\u202e\u2066-\u2069]+\u2069", line), ascii(line)
    for conversation in ("c1", "c2", "c3"):
        assert day.desk.run(f"sila assign {conversation} nadia") == f"{conversation} is for nadia now."


def danger_is_answered(day: Day) -> None:
    shown = day.desk.run("sila show c4")
    assert re.search(r"^  DANGER since .* read by nobody of staff\.$", shown, re.M)
    assert items(shown)[0] == ("m7 the contact · encrypted to the bridge", QUESTIONS["bilal"])
    assert re.fullmatch(r"c4 is yours until \S+ \S+: the bot is silent\.", day.desk.run("sila takeover c4"))
    reply = "Salam Bilal, mezyan li ktebti lina. Wach kayn chi wa7ed m3ak daba?"
    assert re.fullmatch(r"Sent as m\d+\.", day.desk.run(f"sila reply c4 '{reply}'"))
    day.gets("bilal", reply)
    day.writes("bilal", "khti m3aya", answers=0)
    assert items(day.desk.run("sila show c4"))[-1] == (
        "m10 the contact · encrypted to the bridge", "khti m3aya")
    assert day.desk.run("sila read c4") == "c4 does not wait any more."
    assert "DANGER" not in day.desk.run("sila inbox")


def intern_sees_only_hers(day: Day) -> None:
    assert [row[0] for row in table(day.nadia.run("sila inbox --all"))] == ["c1", "c2", "c3"]
    for command in ("show c4", "reply c4 salam", "note c4 salam", "takeover c4", "show c99"):
        refused = day.nadia.run(f"sila {command}", status=66)
        # The same words whether there is such a conversation or not.
        assert refused.lower().startswith("sila: there is no such conversation"), refused
        assert refused == day.nadia.run("sila show c98", status=66)
    assert "Bilal" not in day.nadia.written and "nmout" not in day.nadia.written


def released_answer_goes_at_once(day: Day) -> None:
    day.nadia.run("sila show c1")
    shown = day.nadia.run("sila suggest c1")
    assert re.search(
        r"^luggage-missing-on-arrival · 100% · released · checked \d{4}-\d\d-\d\d · looks along: intern$", shown, re.M)
    assert "  Source: RSJ, standaardbedragen tegemoetkoming (2021)" in shown
    # Beside the contact's language stands Dutch.
    assert re.search(r"^  │ ary: +│ nl:$", shown, re.M) and "Meld het vandaag" in shown
    assert re.search(r"Send: (sila reply c1 --topic luggage-missing-on-arrival)$", shown, re.M)
    assert day.nadia.run("sila reply c1 --topic luggage-missing-on-arrival") == "Sent as m11."
    # What the bot had said behind its greeting.
    day.gets("yassine", day.received["yassine"][0].split("\n\n", 1)[1])
    assert [row[0] for row in table(day.nadia.run("sila inbox"))] == ["c2", "c3"]


def edited_answer_waits_for_a_second_person(day: Day) -> None:
    own = "Ana Nadia. Wach 3ndek nimro d lavoka?"
    day.nadia.run("sila show c2")
    shown = day.nadia.run(
        "sila reply c2 --topic where-is-my-relative --edit", ("add:", own), ("Ask a colleague.*" + YES_OR_NO, "y"))
    proposal = number("p", shown)
    assert shown.endswith(f"It waits as {proposal} for a colleague, who sends it with: sila approve {proposal}")
    edited = day.received["samira"][0].split("\n\n", 1)[1] + "\n" + own
    refused = day.nadia.run(f"sila approve {proposal} --yes", status=77)
    assert refused.lower().endswith("sila: a colleague approves what you propose, not you yourself")
    day.has_nothing_new(*QUESTIONS)

    waits = rf"\n{proposal} in c2 · of nadia · ary-Latn · since \S+ \S+\n  │ Lcentre "
    assert re.search("^Replies to approve" + waits, day.desk.run("sila today"), re.M)
    assert re.search("^Yours, waiting for a colleague" + waits, day.nadia.run("sila today"), re.M)
    heading, text = items(day.desk.run("sila show c2"))[-1]
    assert heading == (
        f"{proposal} REPLY TO APPROVE of nadia · ary-Latn · topic where-is-my-relative · waits for a second person")
    assert text.startswith(words(edited)) and "The topic's own text was:" in text
    shown = day.desk.run(f"sila approve {proposal}", (r"Send it\? " + YES_OR_NO, "y"))
    assert re.search(r"^Sent as m\d+\.$", shown, re.M)
    day.gets("samira", edited)
    # Once: it is closed.
    day.desk.run(f"sila approve {proposal} --yes", status=66)
    assert [heading for heading, _ in items(day.nadia.run("sila show c2"))][2:] == [
        f"{proposal} REPLY TO APPROVE of nadia · ary-Latn · topic where-is-my-relative · approved by coordinator",
        "m12 nadia · encrypted to the bridge · at the server · ary-Latn · topic where-is-my-relative",
    ]


def own_words_are_given_back(day: Day) -> None:
    day.nadia.run("sila show c3")
    shown = day.nadia.run("sila reply c3 'Heeft u een foto van de kat?'", (YES_OR_NO, "n"), status=77)
    assert "sila reply c3 --resume --propose" in shown
    proposal = number("p", day.nadia.run("sila reply c3 --resume --propose"))
    assert day.desk.run(f"sila return {proposal} 'Vraag niet om een foto.'") == \
        f"The reply {proposal} went back to its author."
    assert re.search(
        rf"^Given back to you\n{proposal} in c3 by coordinator, \S+ \S+\. Why: sila show c3$",
        day.nadia.run("sila today"), re.M)
    assert items(day.nadia.run("sila show c3"))[2:] == [
        (f"{proposal} REPLY TO APPROVE of nadia · returned by coordinator", "Heeft u een foto van de kat?"),
        (f"n{int(proposal[1:]) + 1} NOTE of coordinator", f"{proposal}: Vraag niet om een foto."),
    ]
    day.has_nothing_new(*QUESTIONS)


def both_answer_one_conversation(day: Day) -> None:
    hers, boss = "Ik vraag het een collega.", "Wij doen niets met katten. Bel de dierenambulance."
    day.desk.run("sila show c3")
    day.nadia.run("sila show c3")
    assert day.desk.run(f"sila reply c3 '{boss}'") == "Sent as m13."
    shown = day.nadia.run(f"sila reply c3 '{hers}' --propose", status=75)
    assert items(shown.split("\nsila: ")[0]) == [
        ("m13 coordinator · encrypted to the bridge · at the server", boss)], "she reads what came between"
    assert words(shown).endswith(
        "Nothing was sent; your reply is kept as a draft. Send it all the same: sila reply c3 --resume")
    day.gets("joris", boss)
    assert "Drafts on this machine: c3." in day.nadia.run("sila today")
    assert day.nadia.run("sila reply c3 --discard") == "The draft of c3 is gone."
    assert [text for heading, text in items(day.desk.run("sila show c3")) if hers in text] == []


def takeover_silences_the_bot(day: Day) -> None:
    assert re.fullmatch(r"c1 is yours until \S+ \S+: the bot is silent\.", day.nadia.run("sila takeover c1"))
    day.writes("yassine", "شكون معايا دابا؟", answers=0)
    shown = day.nadia.run("sila show c1")
    assert re.search(r"^  Taken over by nadia until \S+ \S+: the bot is silent\.$", shown, re.M)
    assert items(shown)[-1] == ("m14 the contact · encrypted to the bridge", "شكون معايا دابا؟")
    busy = day.desk.run("sila takeover c1", status=75)
    assert "nadia" in busy
    assert day.nadia.run("sila handback c1") == "The bot answers in c1 again."
    # He is told that nobody sits there any more, since he had written to a person.
    [notice] = day.hears("yassine")
    assert_is(notice, "darija-arabic")
    assert "أوتوماتيك" in notice, notice
    day.writes("yassine", QUESTIONS["yassine"])


def notes_tags_and_tasks(day: Day) -> None:
    """Ordinary ones are for both. A confidential note is not for her, not even her own."""
    assert day.desk.run("sila note c1 'Zijn zus belt vanavond.'") == "The note n4 is in c1."
    assert day.desk.run("sila note c1 --confidential 'He has epilepsy.'") == "The note n5 is in c1."
    assert day.nadia.run("sila note c1 --confidential 'Kay7ess b lwja3 f rasso.'") == "The note n6 is in c1."
    assert day.nadia.run("sila tag c1 bagage") == "The tag g7 is in c1."
    assert day.desk.run("sila task add c1 'Ask the airline.' --for nadia --due today") == "The task t8 is in c1."
    assert day.desk.run("sila task add c1 'Call his sister.' --for nadia --due tomorrow") == "The task t9 is in c1."
    shown = day.nadia.run("sila show c1")
    today, tomorrow = re.findall(r"due (\d{4}-\d\d-\d\d)", shown)
    ordinary = [
        ("n4 NOTE of coordinator", "Zijn zus belt vanavond."), ("g7 TAG of nadia", "bagage"),
        (f"t8 TASK of coordinator · for nadia · due {today}", "Ask the airline."),
        (f"t9 TASK of coordinator · for nadia · due {tomorrow}", "Call his sister."),
    ]
    closed = " Closed for you: it lies in 'casework'."
    assert items(shown)[-6:] == [
        ordinary[0], ("n5 CONFIDENTIAL NOTE of coordinator" + closed, ""),
        ("n6 CONFIDENTIAL NOTE of nadia" + closed, ""), *ordinary[1:]]
    assert items(day.desk.run("sila show c1"))[-6:] == [
        ordinary[0], ("n5 CONFIDENTIAL NOTE of coordinator", "He has epilepsy."),
        ("n6 CONFIDENTIAL NOTE of nadia", "Kay7ess b lwja3 f rasso."), *ordinary[1:]]

    due = f"t8 in c1 · due {today} · for nadia\n  │ Ask the airline."
    later = f"t9 in c1 · due {tomorrow} · for nadia\n  │ Call his sister."
    assert day.nadia.run("sila task") == due
    assert day.nadia.run("sila task list c1") == f"{due}\n{later}"
    assert f"\nTasks\n{due}\n" in day.nadia.run("sila today") + "\n"
    assert day.nadia.run("sila task done t8") == "The task t8 is done."
    assert "closed already (done)" in day.desk.run("sila task done t8", status=75)
    assert day.nadia.run("sila task") == "Nothing is to be done."
    assert day.nadia.run("sila untag c1 bagage") == "The tag is off c1."
    assert [heading for heading, _ in items(day.desk.run("sila show c1"))[-3:]] == [
        "g7 TAG of nadia · removed by nadia",
        f"t8 TASK of coordinator · for nadia · due {today} · done by nadia", ordinary[-1][0]]


def contact_is_seen_live(day: Day) -> None:
    wall = day.boss.at_terminal()
    wall.begin("sila watch --json --after 0")
    wall.wait_for_output('"id":"g7","kind":"itemChanged"')
    day.writes("samira", "chokran")
    shown = wall.wait_for_output('"conversation":"c2","id":"m19","kind":"item"')
    events = [json.loads(line) for line in shown.split("\n") if line.startswith("{") and line.endswith("}")]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1)), "none is missing, none is twice"
    live = next(event for event in events if event["id"] == "m18")
    assert (live["conversation"], live["kind"], live["state"]["assigned"]) == ("c2", "item", "nadia")
    assert "chokran" not in shown, "no words of anyone"
    wall.press("C-c")
    wall.finish("sila watch", status=130)


def known_person_is_hidden(day: Day) -> None:
    assert day.nadia.run("sila hide c3", (YES_OR_NO, "n"), status=65).endswith("sila: Nothing was done.")
    day.nadia.run("sila show c3")
    shown = day.nadia.run("sila hide c3", ("You will not see c3 any more. Go on\\? " + YES_OR_NO, "y"))
    assert shown.endswith("c3 is hidden from you. A colleague takes it from here.")
    for command in ("show c3", "reply c3 dag"):
        assert day.nadia.run(f"sila {command}", status=66) == day.nadia.run("sila show c98", status=66)
    assert [row[0] for row in table(day.nadia.run("sila inbox --all"))] == ["c1", "c2"]
    # A colleague sees it wait again, and cannot give it to her by mistake.
    assert ["c3", "now", "nobody"] in [row[:3] for row in table(day.desk.run("sila inbox"))]
    assert "nadia" in day.desk.run("sila assign c3 nadia", status=65)
    assert "c3" not in day.nadia.run("sila inbox --all")


def practice(day: Day) -> None:
    """A story to its good end."""
    assert day.nadia.run("sila practice no-more-strength") == \
        "c5 is a practice contact. They write in a moment: sila show c5"
    with day.intern.watch() as watch:
        def comes(count: int) -> List[Tuple[str, str]]:
            watch.wait(f"{count} things in c5", lambda event: (
                event["conversation"] == "c5" and event["kind"] == "item"), count=count)
            return items(day.nadia.run("sila show c5"))

        assert [text.split("]")[0] for _, text in comes(4)] == ["[practice: lesson", *3 * ["[practice"]]
        assert ["c5", "now", "practice", "nadia"] in [row[:4] for row in table(day.desk.run("sila inbox --all"))]
        story = [
            ("salam khouya, rani m3ak, kan9ra", 6, "lqantra"),
            ("mezyan li goultiha lia. wach kayn chi wa7ed m3ak daba? sir 7dah, w y3ayet l tbib", 9,
             "واش غادي تبقا معايا؟"),
            ("daba ana hna, w 3lemt wa7ed kber menni. sir 3nd khtek daba, w ila kan lkhatar t3ayet l tbib", 12,
             "[practice: lesson]"),
        ]
        for reply, count, answer in story:
            assert re.fullmatch(r"Sent as m\d+\.", day.nadia.run(f"sila reply c5 '{reply}'"))
            shown = comes(count)
            assert answer in shown[-1][1]
            assert [text for _, text in shown].count(reply) == 1
    day.has_nothing_new(*QUESTIONS)


def everything_is_found(day: Day) -> None:
    """In the letters in which it was written, whichever way; what is not for her is not found by her."""
    for person in (day.desk, day.nadia):
        assert set(found(person, "الباليزه")) == {"c1 m1", "c1 m2", "c1 m11", "c1 m16", "c1 m17"}
        assert "c1 m1" in found(person, "lbaliza"), "Darija is found across its two scripts"
        assert set(found(person, "cheddoh")) == {"c2 m3", "c2 m4", "c2 m12", "c2 p1"}
        assert found(person, "airline") == ["c1 t8"]
    assert set(found(day.desk, "KATTEN")) == {"c3 m13"} and found(day.nadia, "katten") == []
    assert found(day.desk, "nmout") == ["c4 m7"] and found(day.nadia, "nmout") == []
    assert found(day.desk, "epilepsy") == ["c1 n5"] and found(day.nadia, "epilepsy") == []


def improvements_and_audit(day: Day) -> None:
    for person in (day.desk, day.nadia):
        shown = person.run("sila improvements")
        assert shown.split("\n")[0] == "where-is-my-relative · ary-Latn · p1 · c2 · nadia"
        assert shown.count("The bot's text:") == 1 and shown.count("Wach 3ndek nimro d lavoka?") == 1

    assert re.fullmatch(r"The log holds: \d+ lines, the last of \S+ \S+\.", day.desk.run("sila audit verify"))
    day.nadia.run("sila audit verify", status=77)
    shown = day.desk.run("sila audit list --limit 1000")
    acts = re.findall(r"^\d+  \S+ \S+  (coordinator|nadia)  (\S+)", shown, re.M)
    reading = {"opened", "archive-served", "conversation-served", "logged-in"}
    assert {who for who, what in acts if what in reading} == {"coordinator", "nadia"}
    assert len(re.findall(r"  coordinator  assigned  c\d+  to nadia$", shown, re.M)) == 3
    assert [f"{who} {what}" for who, what in acts if what not in reading] == [
        "coordinator roster-changed", *3 * ["coordinator assigned"], "coordinator taken-over", "coordinator reply",
        "coordinator read", "nadia reply", "nadia proposal-added", "coordinator proposal-approved",
        "coordinator reply-approved", "nadia proposal-added", "coordinator proposal-returned",
        "coordinator note-added", "coordinator reply", "nadia taken-over", "nadia handed-back",
        *2 * ["coordinator note-added"], "nadia note-added", "nadia tag-added", *2 * ["coordinator task-added"],
        "nadia task-done", "nadia tag-removed", "nadia practice-begun", *3 * ["nadia reply"]]


def locked_in_the_evening(day: Day) -> None:
    assert day.desk.run("sila lock") == "Locked."
    assert day.desk.run("sila lock") == "Nothing was unlocked."
    shown = day.desk.run("sila inbox", (PASSPHRASE, "not the one"), status=65)
    assert shown.startswith("Passphrase:\nsila: The passphrase is wrong") and "c1" not in shown
    assert "First: sila unlock" in day.desk.run("sila search lbaliza", status=66)
    day.desk.begin("sila show c1")
    day.desk.wait_for_output(PASSPHRASE)
    day.desk.press("C-c")
    assert "yassine" not in day.desk.finish("sila show c1", status=130)


def intern_leaves(day: Day) -> None:
    proposal = number("p", day.nadia.run("sila reply c2 'Bslama Samira.' --propose"))
    open_work = ["  conversations: c1 c2 c5", "  tasks: t9", f"  replies that wait: {proposal}"]
    agent = agent_process(day.intern)
    shown = day.desk.run(
        "sila staff leave nadia --to coordinator", (PASSPHRASE, day.boss.passphrase), (YES_OR_NO, "y"))
    assert shown.split("\n") == [
        "Passphrase:", "Open with 'nadia':", *open_work,
        "It goes to 'coordinator'. 'nadia' is taken out for good. Go on? [y/N] y",
        "'nadia' has left.", "New keys: conversation, desk.", "Now with coordinator:", *open_work,
        "What 'nadia' has read stays read: new keys protect what comes after.",
        "Take away their log-in on the bridge's host, and their SSH key, now.",
        "There is one coordinator. If they forget their passphrase, nobody can change who belongs: make a second.",
    ]
    # Her agent forgot, and no new one opens anything.
    assert processes.ended(agent, 20)
    for command in ("inbox", "reply c1 salam"):
        assert "'nadia'" in day.nadia.run(f"sila {command}", (PASSPHRASE, day.intern.passphrase), status=77)
    day.nadia.run("sila search lbaliza", status=66)
    day.nadia.run("sila unlock", (PASSPHRASE, day.intern.passphrase), status=77)
    assert day.nadia.run("sila lock") == "Nothing was unlocked."

    # What comes from now on is sealed to new keys, which the coordinator holds.
    day.writes("samira", "salam, kayn chi jdid 3la khoya?")
    day.desk.run("sila unlock", (PASSPHRASE, day.boss.passphrase))
    assert [row[:3] for row in table(day.desk.run("sila inbox --mine"))] == [
        ["c1", "now", "coordinator"], ["c5", "now", "practice"], ["c2", "-", "coordinator"]]
    assert "salam, kayn chi jdid 3la khoya?" in day.desk.run("sila show c2")
    assert day.desk.run("sila audit verify").startswith("The log holds: ")
