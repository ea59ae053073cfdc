# SPDX-License-Identifier: EUPL-1.2
"""Scenes in the Drenthe house of tests/data: who asks whom about what, on a basis its convenant has. Persons are invented."""
import json

from lib.basics import ROOT, check
from lib.house import House

DATA = ROOT / "tests" / "data" / "drenthe"
CONVENANT = (DATA / "convenant.yaml")
OM, POLITIE, RECLASSERING = "om-noord-nederland", "politie-noord-nederland", "reclassering-3ro"
NAZORG, TOEZICHT, DJI, GGZ, GEMEENTE = "zvhd-nazorg", "zvhd-toezicht", "dji-pi-noord", "ggz-drenthe", "gemeente-assen-sociaal-domein"
BSN = "999900407"

# In the veelplegersoverleg questions need no consent: the shortest way to an exchange.
VEELPLEGERS = ["--grondslag", "Wpg 20", "--doel", "veelplegers"]
NOODZAAK = ["--noodzaak", "aanpak bepalen in het overleg"]
NAZORG_BASIS = ["--as", NAZORG, "--grondslag", "Bjsg 11a bis", "--doel", "nazorg"]


class Scene:
    """The OM has a casus in the veelplegersoverleg with the police (and who else joined), the convenant in force."""

    def __init__(self, house, *others):
        self.house = house
        self.om = house.join("om")
        self.politie = house.join("politie")
        self.others = [house.join(organisation) for organisation in others]
        house.agree(CONVENANT.read_text(), [self.om, self.politie])
        self.subject = house.base / "betrokkene.json"
        self.subject.write_text(json.dumps({"bsn": BSN, "naam": "J. Verzonnen"}))
        self.casus = self.notify([POLITIE] + [h for node in self.others for h in node.hoedanigheden() if h == RECLASSERING])

    def notify(self, to):
        return self.om.run("casus", "notify", "--overleg", "veelplegersoverleg", "--regime", "OVERIG", *VEELPLEGERS,
                           *[w for h in to for w in ("--to", h)]).json["casus"]

    def ask(self, *more, to=(POLITIE,), category="woonsituatie.onderdak", casus=None, basis=None, subject=None, node=None,
            **options):
        """The OM asks (or another node); the result of the command."""
        return (node or self.om).run("ask", "--casus", casus or self.casus, *[w for h in to for w in ("--to", h)], "--category", category,
                           "--subject", subject or self.subject, *(VEELPLEGERS if basis is None else basis), *NOODZAAK, *more, **options)


def csv_of(content, bsn=BSN, category="woonsituatie.onderdak"):
    """A partner's register with one person and one thing to say about him."""
    return f'bsn,{category},besluit\n{bsn},"{content}",\n'


def answers(result):
    """{hoedanigheid: (kind of answer, {category: what it says})} of a collected question."""
    out = {}
    for question in result.json["questions"]:
        if "answer" in question:
            answer = question["answer"]
            check(all("content" in part for part in answer["parts"]), "a part could not be opened:", answer)
            out[question["to"]] = (answer["answer"], {part["category"]: part["content"]["gegeven"] for part in answer["parts"]})
    return out


__all__ = ["House", "Scene", "answers", "csv_of"] + [name for name in globals() if name.isupper()]
