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

import google
from aignostics.platform import Client

slides = pathlib.Path(sys.argv[1]).resolve()
work = pathlib.Path(sys.argv[2]).resolve()
root = os.environ["AIGNOSTICS_API_ROOT"]
APPLICATION = "he-tme"
VERSION = "1.1.0"
PREFIX = "python/first"


def aignostics(*arguments, expected, code=0, **variables):
    """Runs one command; its output is given back, and holds `expected`."""
    program = pathlib.Path(sys.executable).with_name("aignostics")
    words, environment = [program, *map(str, arguments)], os.environ | variables
    ended = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=work, env=environment)
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


def catalogue():
    me = json.loads(aignostics("user", "whoami", expected="sandbox-ada"))
    assert me["role"] == me["token"]["role"] == "admin" and me["token"]["audience"] == [os.environ["AIGNOSTICS_AUDIENCE"]], me
    assert me["organization"]["id"] == me["token"]["org_id"] == "org_sandbox" and me["token"]["expires_in"] > 80_000, me
    aignostics("application", "list", expected=[APPLICATION, "test-app"])
    listed = json.loads(aignostics("application", "list", "--format", "json", expected=APPLICATION))
    assert {application["application_id"] for application in listed} == {APPLICATION, "test-app"}, listed
    aignostics("application", "describe", APPLICATION, expected=[VERSION, "Available Versions"])
    assert json.loads(aignostics("application", "describe", APPLICATION, "--format", "json", expected=VERSION))["versions"]
    dump = ["--application-version", VERSION, "--destination", work]
    aignostics("application", "dump-schemata", APPLICATION, *dump, expected="")
    schema = json.loads(next(work.glob("he-tme_1.1.0_input_*.json")).read_text())
    assert "staining_method" in schema["properties"], schema
    documents = ["application", "version", "document"]
    version = ["--application-version", VERSION]
    aignostics(*documents, "list", APPLICATION, *version, expected="release-notes.md")
    aignostics(*documents, "describe", APPLICATION, "release-notes.md", *version, expected=["release-notes.md", "text/markdown"])
    aignostics(*documents, "download", APPLICATION, "release-notes.md", *version, "--output", work, expected="Downloaded 'release-notes.md'")
    assert (work / "release-notes.md").read_text().strip()


def table_of(path):
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


def prepared():
    table = work / "slides.csv"
    mapping = ".*:staining_method=H&E,tissue=LUNG,disease=LUNG_CANCER"
    version = ["--application-version", VERSION]
    run = ["application", "run"]
    aignostics(*run, "prepare", APPLICATION, table, slides, *version, "--mapping", mapping, expected="Generated metadata file")
    rows = table_of(table)
    assert {pathlib.Path(row["external_id"]).name: row["width_px"] for row in rows} == {"tissue.tiff": "800", "blank.tiff": "500"}, rows
    # The client asks for Google's host, whatever the environment says.
    upload = [*run, "upload", APPLICATION, table, *version, "--upload-prefix", PREFIX, "--force"]
    aignostics(*upload, expected="Upload completed.", **at_google)
    rows = table_of(table)
    bucket = Client().me().organization.aignostics_bucket_name
    for row in rows:
        assert re.fullmatch(f"gs://{bucket}/.+/{PREFIX}/{APPLICATION}/{VERSION}/[a-z]+.tiff", row["platform_bucket_url"]), row
    return table, rows


def bucket_of_the_organization():
    """Objects come and go by the client's own commands, which have Google's host built in."""
    (work / "note.txt").write_text("a note")
    aignostics("bucket", "upload", work / "note.txt", "--destination-prefix", "notes", expected="All files uploaded", **at_google)
    found = json.loads(aignostics("bucket", "find", "notes/.*", "--detail", "--signed-urls", expected="note.txt", **at_google))
    assert [(entry["key"], entry["size"]) for entry in found] == [("notes/note.txt", 6)], found
    there = ["--destination", work / "fetched"]
    aignostics("bucket", "download", "notes/.*", *there, expected="1 downloaded, 0 failed", **at_google)
    assert (work / "fetched/note.txt").read_text() == "a note"
    key = ["--what-is-key", "notes/note.txt", "--no-dry-run"]
    aignostics("bucket", "delete", *key, expected="Deleted 1 object", **at_google)
    left = json.loads(aignostics("bucket", "find", expected="tissue.tiff", **at_google))
    assert len(left) == 2 and all(f"/{PREFIX}/" in key for key in left), left


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
    aignostics(*command, "update-metadata", run, '{"study": "python"}', expected="Successfully updated")
    aignostics(*command, "dump-metadata", run, "--show-checksum", expected='"study"')
    item = rows[0]["external_id"]
    aignostics(*command, "update-item-metadata", run, item, '{"block": "A1"}', expected="Successfully updated")
    aignostics(*command, "dump-item-metadata", run, item, expected="A1")


def shared(run):
    share = ["application", "run", "share"]
    aignostics(*share, "organization", "grant", run, expected="is now shared with organization")
    aignostics(*share, "organization", "list", run, expected="org_sandbox")
    token = json.loads(aignostics(*share, "token", "create", run, "--format", "json", expected="share_token"))
    aignostics(*share, "token", "list", run, expected=token["share_token_id"])
    by_token = ["--share-token", token["share_token"]]
    aignostics("application", "run", "describe", run, *by_token, expected=run)
    aignostics(*share, "status", run, expected=[token["share_token_id"], "org_sandbox"])
    aignostics(*share, "token", "revoke", run, token["share_token_id"], expected="revoked")
    aignostics(*share, "organization", "revoke", run, expected="Organization access revoked")
    aignostics(*share, "token", "list", run, expected="No active share tokens")
    aignostics(*share, "organization", "list", run, expected="No active organization grants")


def results(run):
    control("clock", {"advance": "10m"})
    command = ["application", "run"]
    aignostics(*command, "result", "download", run, work / "results", expected="Downloaded results of run")
    files = [path for path in (work / "results").rglob("*") if path.is_file() and "input" not in path.parts]
    assert len(files) == 4 and all(path.stat().st_size for path in files), files
    text = aignostics(*command, "describe", run, expected=["tissue.tiff", "no_tissue"])
    assert "TERMINATED" in text, text
    aignostics(*command, "result", "delete", run, expected="have been deleted")
    assert "DELETED" in json.dumps(json.loads(aignostics(*command, "describe", run, "--format", "json", expected=run)))


at_google = google.variables()
catalogue()
table, rows = prepared()
bucket_of_the_organization()
first = submitted(table, "first of two", "lung,pilot")
second = submitted(table, "second", "pilot")
found(first, second)
aignostics("application", "run", "cancel", second, expected="canceled")
aignostics("application", "run", "describe", second, expected="CANCELED_BY_USER")
metadata(first, rows)
shared(first)
results(first)
print("python command line: done")
