# SPDX-License-Identifier: EUPL-1.2
"""handler.py CSV RECORD: answers a question from a partner's register as in tests/data/drenthe/partners: a column per category.

First writes the question's message id to RECORD: whoever looks there sees how often a handler saw a message."""
import csv
import json
import os
import sys

ABOUT = {"grond": "secrecy_basis", "peildatum": "reference_date"}
POLICE = {"wpg": "wpg_article", "persoon": "person_category"}

question = json.load(sys.stdin)
record = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.write(record, (question["message_id"] + "\n").encode())
bsn = question["question"]["betrokkene"]["bsn"]
with open(sys.argv[1], encoding="utf-8") as file:
    row = next((row for row in csv.DictReader(file) if row["bsn"] == bsn), None)
if row is None:
    answer = {"answer": "NIET_BEKEND"}
elif row.get("besluit"):
    answer = {"answer": row["besluit"]}
else:
    parts = []
    for category in question["categories"]:
        if row.get(category):
            fields = {**ABOUT, **(POLICE if category == "politiegegevens" else {})}
            about = {field: row[column] for column, field in fields.items() if row.get(column)}
            parts.append({"category": category, "content": {"gegeven": row[category]}, "source": "register", **about})
    answer = {"answer": "GEGEVENS", "parts": parts} if parts else {"answer": "NIET_BEKEND"}
print(json.dumps(answer))
