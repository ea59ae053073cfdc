#!/usr/bin/python3
# SPDX-License-Identifier: EUPL-1.2
# TIMEOUT: 240
"""Goal: the whole life of a complex casus by commands alone: notified and assessed with a motivation per criterion, another house asked
whether it knows him, partners involved and invited, asked, answered, supplemented, corrected until everybody confirmed, passed on with
the source's instemming and never without, kept longer, closed. Each step that the law forbids is tried first, and refused by name. All
of it is on record, and of what was said nothing."""
import datetime
import json

from lib.basics import check, equal, main, wait_for
from lib.drenthe import BSN, CONVENANT, GGZ, POLITIE, RECLASSERING, TOEZICHT, House

REGIE, FRYSLAN, DERDE = "zvhd-procesregie", "zvh-fryslan", "slachtofferhulp"
DOEL = ["--doel", "complexe-casus"]
NOODZAAK = ["--noodzaak", "voorbereiding casusoverleg"]


def day(days):
    return (datetime.date.today() + datetime.timedelta(days=days)).isoformat()


def basis(article):
    return ["--grondslag", article, *DOEL]


class Life:
    """The parties, and the casus as it goes on."""

    def __init__(self, house, folder):
        self.house, self.folder, self.content = house, folder, [BSN, "Verzonnen"]
        self.zvhd = house.join("zvhd", role="procesregisseur")
        self.politie = house.join("politie")
        self.reclassering = house.join("reclassering-nederland")
        self.ggz = house.join("ggz-drenthe", role="behandelaar")
        self.fryslan = house.join("zvh-fryslan")
        house.agree(CONVENANT.read_text(), [self.zvhd, self.politie])
        self.subject = self.file("betrokkene.json", json.dumps({"bsn": BSN, "naam": "J. Verzonnen"}))
        self.criteria = [self.file(f"{c}.txt", f"motivering van criterium {c}") for c in "abcd"]
        self.casus = None

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        self.content.append(text)
        return path

    def json(self, name, text):
        self.content.append(text)
        return self.file(name, json.dumps({"gegeven": text}))

    def motivated(self, criteria="abcd"):
        return [w for c in criteria for w in ("--motivation", f"{c}={self.criteria['abcd'.index(c)]}")]

    def say(self, node, *words, code="TOEGESTAAN"):
        """A command that sends one message: the message's id when it came out as expected."""
        sent = node.run(*words, expect=0 if code == "TOEGESTAAN" else 3).json
        if "questions" in sent:
            sent = sent["questions"][0]
        equal(sent["outcome"], code, f"the outcome of {words[:3]}: {sent.get('refusal')}")
        return sent["message_id"]

    def regie(self, *words, code="TOEGESTAAN"):
        return self.say(self.zvhd, *words, "--as", REGIE, code=code)

    def came(self, node, message):
        return wait_for(lambda: next((m for m in node.inbox() if m["message_id"] == message), None), f"{message} at {node.organisation}")

    def open(self, node):
        return {m["message_id"]: m for m in node.inbox("--open")}

    def ask(self, to, category, article="WGS 2.31(3)", code="TOEGESTAAN"):
        return self.regie("ask", "--casus", self.casus, "--to", to, "--category", category, "--subject", self.subject, *basis(article),
                          *NOODZAAK, code=code)

    def ask_and_answer(self, node, to, category, part, *more):
        question = self.ask(to, category)
        self.came(node, question)
        answer = self.say(node, "answer", question, "--kind", "GEGEVENS", "--part", f"{category}={part}", *more)
        self.came(self.zvhd, answer)
        return answer


def notified_and_assessed(life):
    aanmelding = ["casus", "notify", "--overleg", "ketenkamer", *basis("WGS 2.31(1)"), "--to", REGIE, "--met", "a,b,c,d"]
    life.say(life.reclassering, *aanmelding, code="SCHEMA_ONGELDIG")  # not one word on the criteria
    life.say(life.reclassering, *aanmelding, *life.motivated("abc"), code="SCHEMA_ONGELDIG")
    life.say(life.reclassering, *aanmelding, *life.motivated(), "--to", GGZ, code="NIET_BETROKKEN_BIJ_CASUS")  # an L2 does not assess
    message = life.say(life.reclassering, *aanmelding, *life.motivated())
    life.came(life.zvhd, message)
    read = life.zvhd.run("read", message).json
    life.casus = read["casus"]
    equal({p["category"]: p["content"] for p in read["parts"]}, {f"motivering.{c}": f"motivering van criterium {c}" for c in "abcd"},
          "the motivation of the notifier")
    equal([c["criterion"] for c in read["criteria"] if c["met"] and c["motivated"]], list("abcd"), "the criteria")
    assess = ["casus", "assess", life.casus, "--outcome", "in-behandeling", "--met", "a,b,c,d", *basis("WGS 2.31(2)")]
    life.regie(*assess, code="SCHEMA_ONGELDIG")
    life.say(life.reclassering, *assess, *life.motivated(), code="DEELNEMER_ONBEVOEGD")
    life.regie(*assess, *life.motivated())


def known_elsewhere(life):
    question = ["casus", "known", life.casus, "--to", FRYSLAN, "--subject", life.subject, *basis("WGS 2.28(1)"), *NOODZAAK]
    life.say(life.reclassering, *question, code="DEELNEMER_ONBEVOEGD")
    message = life.regie(*question)
    life.came(life.fryslan, message)
    equal(life.fryslan.run("read", message).json["parts"][0]["content"]["betrokkene"]["bsn"], BSN, "who the other house is asked about")
    check(message in life.open(life.fryslan), "what waits for the other house")
    contact = life.file("contact.json", json.dumps({"bel": "bureau, toestel 12"}))
    life.say(life.fryslan, "answer", message, "--kind", "BEKEND", "--part", f"woonsituatie={contact}", code="CATEGORIE_NIET_TOEGESTAAN")
    answer = life.say(life.fryslan, "answer", message, "--kind", "BEKEND", "--part", f"identificerend.contact={contact}")
    said = life.came(life.zvhd, answer)
    equal((said["kind"], said["known"]), ("bekendheidsantwoord", True), "what the other house says")
    # It is on no casus: it may be asked, and sees nothing else.
    equal(life.fryslan.run("casus", "list").json, [], "casussen the other house sees")


def known_by_handler(life):
    """The other house's own system answers. A handler that was not told of such questions is not given them."""
    message = life.regie("casus", "known", life.casus, "--to", FRYSLAN, "--subject", life.subject, *basis("WGS 2.28(1)"), *NOODZAAK)
    life.came(life.fryslan, message)
    seen = life.folder / "seen.json"
    command = f"cat >{seen}; echo '{{\"answer\": \"NIET_BEKEND\"}}'"
    life.fryslan.run("serve", "--once", "--handler", command)
    check(not seen.exists() and life.open(life.fryslan)[message]["state"] == "new", "a handler got what it does not know")
    life.fryslan.run("serve", "--once", "--kind", "verhaal", "--handler", command, expect=2)
    said = life.fryslan.run("serve", "--once", "--kind", "verzoek,bekendheidsvraag", "--handler", command).json
    equal((said["message_id"], said["outcome"]), (message, "answered"), "what the handler made of it")
    given = json.loads(seen.read_text())
    equal((given["kind"], given["question"]["betrokkene"]["bsn"], "parts" in given), ("bekendheidsvraag", BSN, False), "what it was given")
    answer = wait_for(lambda: next((m for m in life.zvhd.inbox() if m.get("in_reply_to") == message), None), "the answer")
    equal(answer["known"], False, "what the other house says")


def involved(life):
    life.regie("casus", "involve", life.casus, "--add", POLITIE, *basis("WGS 2.31(4)"))
    life.ask(POLITIE, "woonsituatie.overlast", code="FASE_STAAT_NIET_TOE")
    life.regie("casus", "phase", life.casus, "VERZAMELEN", *basis("WGS 2.31(3)"))
    life.ask(GGZ, "gezondheid", code="NIET_BETROKKEN_BIJ_CASUS")
    agenda = ["casus", "agenda", life.casus, "--meeting", day(3), "--invite", GGZ, *basis("WGS 2.31(5)")]
    life.regie(*agenda, "--until", day(60), code="SCHEMA_ONGELDIG")  # no standing access
    life.regie(*agenda, "--until", day(10))
    shown = life.zvhd.run("casus", "show", life.casus).json
    equal((shown["phase"], shown["circle"], [g["hoedanigheid"] for g in shown["invited"]], shown["known"]),
          ("VERZAMELEN", sorted([REGIE, RECLASSERING, POLITIE]), [GGZ], [FRYSLAN]), "the casus")
    check(life.casus in [c["casus"] for c in life.ggz.run("casus", "list").json], "the guest sees the casus he is invited for")
    life.regie("casus", "scale", life.casus, "3", *basis("WGS 2.31(3)"))
    up = life.zvhd.run("casus", "show", life.casus)
    level = up.json["ave_level"]
    equal((up.json["ave"], level["regie"], level["operationeel"], level["bestuurlijk"]),
          ("3", "procesregisseur", "management Veiligheidshuis", "college van burgemeester en wethouders"), "who is responsible on level 3")
    check("overlegpartners" in level and level["bestuurlijk"] in life.zvhd.run("casus", "show", life.casus, json=False).out, "in words:", level)
    life.regie("casus", "scale", life.casus, "2", *basis("WGS 2.31(3)"))
    equal(life.zvhd.run("casus", "show", life.casus).json["ave_level"]["bestuurlijk"], "wethouder", "who is responsible when it is scaled down")
    life.regie("casus", "scale", life.casus, "5", *basis("WGS 2.31(3)"), code="SCHEMA_ONGELDIG")


def supplemented_and_corrected(life):
    answer = life.ask_and_answer(life.politie, POLITIE, "woonsituatie", life.json("overlast.json", "drie meldingen"))
    life.say(life.politie, "supplement", answer, "--part", f"relaties={life.json('r.json', 'een broer')}", code="CATEGORIE_NIET_GEVRAAGD")
    more = life.say(life.politie, "supplement", answer, "--part", f"woonsituatie.overlast={life.json('m.json', 'vier meldingen')}")
    equal(life.came(life.zvhd, more)["in_reply_to"], answer, "what is supplemented")

    correct = ["correct", answer, "--reason", "onjuist", "--part", f"woonsituatie={life.json('c.json', 'twee meldingen')}"]
    life.say(life.zvhd, *correct, "--to", POLITIE, "--as", REGIE, code="DEELNEMER_ONBEVOEGD")  # only the source corrects
    better = life.say(life.politie, *correct)
    life.came(life.zvhd, better)
    waiting = life.open(life.zvhd)[better]
    equal((waiting["kind"], waiting["action"]), ("correctie", "verbeterd"), "what waits to be confirmed")
    table = life.zvhd.run("inbox", "--open", json=False).out
    check(better in table and "bevestiging" in table and POLITIE in table, "what waits, for people:", table)
    check(waiting["due_unix_ms"] > waiting["received_unix_ms"] + 27 * 86400_000, "a term to confirm in:", waiting)
    old = life.zvhd.run("read", answer).json
    equal((old["corrected"], old["parts"][0]["content"]["gegeven"]), ({"by": better, "action": "verbeterd"}, "drie meldingen"),
          "what was corrected, when read again")
    life.say(life.zvhd, "confirm", better)
    check(better not in life.open(life.zvhd), "what was confirmed still waits")
    wait_for(lambda: "BEVESTIGD" in [r["name"] for r in life.politie.run("ladder", better).json], "the source learns of the confirmation")

    back = life.say(life.politie, "correct", more, "--reason", "verkeerde-persoon", "--withdraw")
    life.came(life.zvhd, back)
    check("WITHDRAWN" in life.zvhd.run("read", more, json=False).out, "that it was withdrawn is not said")
    life.say(life.zvhd, "confirm", back)
    gone = life.zvhd.run("read", more).json
    equal((gone["wiped"], gone["parts"]), (True, []), "what was withdrawn and confirmed")
    life.zvhd.run("confirm", back, expect=2)  # once
    return answer


def passed_on(life):
    """Health data goes to another house, and to a derde, with the source's word only."""
    content = life.json("g.json", "in behandeling")
    question = life.ask(GGZ, "gezondheid.psychisch")
    life.came(life.ggz, question)
    given = ["answer", question, "--kind", "GEGEVENS", "--part", f"gezondheid.psychisch={content}"]
    life.say(life.ggz, *given, code="BEROEPSGEHEIM_GEEN_BASIS")
    item = life.say(life.ggz, *given, "--secrecy-basis", "wettelijk-recht", "--condition", "niet-naar-verband")
    life.came(life.zvhd, item)
    check("niet-naar-verband" in life.zvhd.run("read", item, json=False).out, "the condition of the source is not shown")

    part = ["--part", f"gezondheid.psychisch={content}", "--secrecy-basis", "wettelijk-recht", "--condition", "niet-naar-verband"]
    onward = ["forward", item, "--to", FRYSLAN, "--grondslag", "WGS 2.28(2)"]
    life.regie(*onward, *part, code="GEEN_INSTEMMING_BRON")
    refused = life.zvhd.run(*onward, *part, "--as", REGIE, "--lang", "nl", json=False, expect=3).out
    check("geweigerd, GEEN_INSTEMMING_BRON" in refused and GGZ in refused, "the refusal in Dutch:", refused)
    life.regie(*onward, *part[:4], code="VOORWAARDE_BRON")  # without what the source set
    may = life.zvhd.run(*onward, *part, "--as", REGIE, "--may-i", expect=3).json
    equal((may["allowed"], may["code"]), (False, "GEEN_INSTEMMING_BRON"), "may I, before")

    request = life.regie("instemming", "ask", item, "--purpose", "huis", "--target", FRYSLAN)
    life.came(life.ggz, request)
    equal(life.open(life.ggz)[request]["purpose"], "huis", "what waits for the source")
    life.say(life.ggz, "instemming", "give", request, "--until", day(30))
    equal(life.zvhd.run(*onward, *part, "--as", REGIE, "--may-i").json["allowed"], True, "may I, after")
    result = life.regie(*onward, *part)
    life.came(life.fryslan, result)
    equal(life.fryslan.run("read", result).json["parts"][0]["content"], {"gegeven": "in behandeling"}, "what the other house got")

    derde = ["forward", item, "--derde", DERDE, "--grondslag", "WGS 2.31(11)"]
    life.zvhd.run(*derde, "--as", REGIE, expect=2)  # without a signed statement of secrecy nothing leaves this machine
    derde += ["--verklaring", "gv-2026-7", "--date", day(-20)]
    life.regie(*derde, code="GEEN_INSTEMMING_BRON")
    request = life.regie("instemming", "ask", item, "--purpose", "derde", "--target", DERDE)
    life.came(life.ggz, request)
    life.say(life.ggz, "instemming", "refuse", request)
    life.regie(*derde, code="GEEN_INSTEMMING_BRON")
    request = life.regie("instemming", "ask", item, "--purpose", "derde", "--target", DERDE)
    life.came(life.ggz, request)
    life.say(life.ggz, "instemming", "give", request)
    life.regie(*derde)


def put_right_by_who_left(life, answer):
    """Who left a casus sees nothing of it, and still corrects what he gave."""
    life.regie("casus", "involve", life.casus, "--release", POLITIE, *basis("WGS 2.31(4)"))
    equal(life.politie.run("casus", "list").json, [], "casussen of who left")
    correct = ["correct", answer, "--reason", "verouderd", "--part", f"woonsituatie={life.json('l.json', 'geen meldingen')}"]
    equal(life.politie.run(*correct, "--may-i").json["allowed"], True, "may who left correct what he gave")
    better = life.say(life.politie, *correct)
    life.came(life.zvhd, better)
    life.say(life.zvhd, "confirm", better)
    life.regie("casus", "involve", life.casus, "--add", POLITIE, *basis("WGS 2.31(4)"))


def told_back(life, answer):
    life.zvhd.run("feedback", answer, "--as", REGIE, expect=2)
    message = life.regie("feedback", answer, "--bruikbaar", "deels", "--vervolg", "nee", "--reason", "ander-spoor")
    said = life.came(life.politie, message)
    equal((said["bruikbaar"], said["reason"], said["in_reply_to"]), ("deels", "ander-spoor", answer), "what comes of it")


def kept_and_closed(life):
    """A renewal outlasts the term that runs, which no test lives to see: what is asked of it is tried, and goes one by one."""
    renew = ["casus", "renew", life.casus, "--until", day(600), "--ground", "open-complex", *basis("BGS 1.16(2)"), "--as", REGIE]

    def against():
        refusal = life.zvhd.run(*renew, expect=3).json["refusal"]
        equal(refusal["code"], "BEWAARTERMIJN_VERSTREKEN", "a renewal too early")
        return sorted((rule["rule"], rule["subject"]) for rule in refusal["rules"])

    term = ("hernieuwing.duur", "until")
    equal(against(), [term, ("hernieuwing.instemming", GGZ), ("hernieuwing.instemming", POLITIE)], "what stands against a renewal")
    for node, supplier in ((life.politie, POLITIE), (life.ggz, GGZ)):
        request = life.regie("instemming", "ask", life.casus, "--purpose", "hernieuwing", "--to", supplier, "--until", day(600),
                             *basis("BGS 1.16(2)"))
        life.came(node, request)
        life.say(node, "instemming", "give", request, "--until", day(600))
    equal(against(), [term], "what stands against a renewal that all sources agree to")
    shown = life.zvhd.run("casus", "show", life.casus).json
    check(shown["expires_unix_ms"] > shown["opened_unix_ms"] + 4 * 365 * 86400_000 and shown["renewals"] == 0, "how long it is kept:", shown)
    question, late = life.ask(POLITIE, "relaties"), life.ask(RECLASSERING, "relaties")
    life.came(life.politie, question)
    life.regie("casus", "close", life.casus, "--reason", "het is klaar", *basis("WGS 2.31(8)"), code="SCHEMA_ONGELDIG")  # a code, no words
    life.regie("casus", "close", life.casus, "--reason", "doel-bereikt", *basis("WGS 2.31(8)"))
    life.ask(POLITIE, "relaties", code="CASUS_AFGESLOTEN")
    life.say(life.politie, "answer", question, "--kind", "WEIGERING", code="CASUS_AFGESLOTEN")
    check(late not in [m["message_id"] for m in life.reclassering.inbox()], "what had not arrived yet arrives in a closed casus")


def on_record(life):
    """The whole run is in the records; no content, no person and no key is, nor in the log for the operator."""
    officer = ["--as", TOEZICHT, "--person", "po-1", "--purpose", "rechtmatigheid"]
    life.zvhd.run("mandate", "grant", "po-1", "--role", "privacy-officer", "--klasse", "toetsing", "--as", TOEZICHT)
    records = life.zvhd.run("audit", "list", *officer, "--limit", "500", "--all").json["records"]
    taken = [r for r in records if (r["kind"], r["code"]) == ("BERICHT", "TOEGESTAAN")]
    kinds = {r["type"] for r in taken}
    wanted = {"aanmelding", "beoordeling", "bekendheidsvraag", "bekendheidsantwoord", "betrekken", "fase", "agenda", "verzoek", "antwoord",
              "aanvulling", "correctie", "bevestiging", "instemmingsverzoek", "instemming", "verstrekking", "terugkoppeling", "afsluiting"}
    equal(sorted(wanted - kinds), [], "kinds of messages that are not on record")
    scaled = [dict(d.split("=", 1) for d in r["detail"]) for r in taken if r["type"] == "fase"]
    equal([(d["ave"], d["regie"], d["operationeel"], d["bestuurlijk"]) for d in scaled if "ave" in d],
          [("3", "procesregisseur", "management Veiligheidshuis", "college van burgemeester en wethouders"),
           ("2", "generalist", "managementteams", "wethouder")], "who became responsible")
    [derde] = [r for r in taken if r["type"] == "verstrekking" and f"aan={DERDE}" in r["detail"]]
    check("verklaring=gv-2026-7" in derde["detail"] and "recipient" not in derde, "what went to a derde:", derde)
    told = {"records": json.dumps(records, ensure_ascii=False), "operational log": life.house.log()}
    check(len(life.content) > 15 and len(records) > 60, "what was searched:", len(life.content), len(records))
    for secret in {*life.content, *life.house.secrets()}:
        for where, text in told.items():
            check(secret not in text, f"{secret!r} stands in the {where}")


def test(folder):
    with House(folder) as house:
        life = Life(house, folder)
        notified_and_assessed(life)
        known_elsewhere(life)
        known_by_handler(life)
        involved(life)
        answer = supplemented_and_corrected(life)
        passed_on(life)
        put_right_by_who_left(life, answer)
        told_back(life, answer)
        kept_and_closed(life)
        on_record(life)
        equal(house.verify()["ok"], True, "the log verifies offline")


if __name__ == "__main__":
    main(test)
