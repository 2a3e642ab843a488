"""The command line of the Python SDK, unchanged, through a whole job against a sandbox named by the environment.

Arguments: a folder with the slides `tissue.tiff` and `blank.tiff`, and an empty folder to work in. The runs of that sandbox wait some minutes before
they begin, so that one can be canceled; then the sandbox's clock is put forward.
"""

import csv
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

import bucket as bucket_client
from aignostics.platform import Client

slides = pathlib.Path(sys.argv[1]).resolve()
work = pathlib.Path(sys.argv[2]).resolve()
root = os.environ["AIGNOSTICS_API_ROOT"]
APPLICATION = "he-tme"
VERSION = "1.1.0"


def aignostics(*arguments, expected, code=0):
    """Runs one command; its output is given back, and holds `expected`."""
    program = pathlib.Path(sys.executable).with_name("aignostics")
    ended = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=work)
    said = f"aignostics {' '.join(map(str, arguments))}: exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    assert ended.returncode == code, said
    for part in [expected] if isinstance(expected, str) else expected:
        assert part in ended.stdout + ended.stderr, f"no {part!r} in {said}"
    print("ok:", " ".join(map(str, arguments)), flush=True)
    return ended.stdout


def control(path, document):
    body = json.dumps(document).encode()
    request = urllib.request.Request(f"{root}/_sandbox/{path}", body, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=30).close()


def run_id(text):
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", text)
    assert found, text
    return found.group()


def put_slides(rows):
    """What `run upload` would do, which knows Google's host alone; the way and the credentials are the same."""
    organization = Client().me().organization
    s3 = bucket_client.client_of(organization)
    bucket = organization.aignostics_bucket_name
    for row in rows:
        name = pathlib.Path(row["external_id"]).name
        s3.upload_file(row["external_id"], bucket, f"python/{name}")
        row["platform_bucket_url"] = f"gs://{bucket}/python/{name}"


def catalogue():
    aignostics("user", "whoami", expected="sandbox-ada")
    aignostics("application", "list", expected=[APPLICATION, "test-app"])
    aignostics("application", "describe", APPLICATION, expected=VERSION)
    aignostics("application", "dump-schemata", APPLICATION, "--application-version", VERSION, "--destination", work, expected="")
    schema = json.loads(next(work.glob("he-tme_1.1.0_input_*.json")).read_text())
    assert "staining_method" in schema["properties"], schema
    documents = ["application", "version", "document"]
    version = ["--application-version", VERSION]
    aignostics(*documents, "list", APPLICATION, *version, expected="release-notes.md")
    aignostics(*documents, "describe", APPLICATION, "release-notes.md", *version, expected="release-notes.md")
    aignostics(*documents, "download", APPLICATION, "release-notes.md", *version, "--output", work, expected="")
    assert (work / "release-notes.md").read_text().strip()


def prepared():
    table = work / "slides.csv"
    mapping = ".*:staining_method=H&E,tissue=LUNG,disease=LUNG_CANCER"
    version = ["--application-version", VERSION]
    aignostics("application", "run", "prepare", APPLICATION, table, slides, *version, "--mapping", mapping, expected="")
    with table.open(newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    assert len(rows) == 2, rows
    put_slides(rows)
    with table.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return table, rows


def submitted(table, note, tags):
    """`--force`: the health check before would ask a host on the internet for this machine's address."""
    words = ["--application-version", VERSION, "--note", note, "--tags", tags, "--force"]
    return run_id(aignostics("application", "run", "submit", APPLICATION, table, *words, expected="Submitted run"))


def found(first, second):
    runs = ["application", "run", "list"]
    for words in (["--tags", "lung"], ["--note-regex", "^first"], ["--query", "first"]):
        text = aignostics(*runs, *words, expected=first)
        assert second not in text, text
    assert len(json.loads(aignostics(*runs, "--limit", "1", "--format", "json", expected=second))) == 1


def metadata(run, rows):
    command = ["application", "run"]
    aignostics(*command, "dump-metadata", run, expected="first of two")
    aignostics(*command, "update-metadata", run, '{"study": "python"}', expected="")
    aignostics(*command, "dump-metadata", run, "--show-checksum", expected='"study"')
    item = rows[0]["external_id"]
    aignostics(*command, "update-item-metadata", run, item, '{"block": "A1"}', expected="")
    aignostics(*command, "dump-item-metadata", run, item, expected="A1")


def shared(run):
    share = ["application", "run", "share"]
    aignostics(*share, "organization", "grant", run, expected="")
    aignostics(*share, "organization", "list", run, expected="org_sandbox")
    token = json.loads(aignostics(*share, "token", "create", run, "--format", "json", expected="share_token"))
    aignostics(*share, "token", "list", run, expected=token["share_token_id"])
    aignostics("application", "run", "describe", run, "--share-token", token["share_token"], expected=run)
    aignostics(*share, "status", run, expected=token["share_token_id"])
    aignostics(*share, "token", "revoke", run, token["share_token_id"], expected="")
    aignostics(*share, "organization", "revoke", run, expected="")


def results(run):
    control("clock", {"advance": "10m"})
    command = ["application", "run"]
    aignostics(*command, "result", "download", run, work / "results", expected="")
    files = [path for path in (work / "results").rglob("*") if path.is_file() and "input" not in path.parts]
    assert len(files) == 4, files
    text = aignostics(*command, "describe", run, expected=["tissue.tiff", "no_tissue"])
    assert "TERMINATED" in text, text
    aignostics(*command, "result", "delete", run, expected="")
    assert "DELETED" in json.dumps(json.loads(aignostics(*command, "describe", run, "--format", "json", expected=run)))


catalogue()
table, rows = prepared()
first = submitted(table, "first of two", "lung,pilot")
second = submitted(table, "second", "pilot")
found(first, second)
aignostics("application", "run", "cancel", second, expected="canceled")
metadata(first, rows)
shared(first)
results(first)
print("python command line: done")
