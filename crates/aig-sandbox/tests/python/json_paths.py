"""Prints src/api/jsonpath/postgresql.json: what PostgreSQL finds by these paths. Needs `psql`; its arguments are passed on."""

import json
import subprocess
import sys

DOCUMENT = {
    "study": "liver-07", "batch": 3, "ok": True, "no": False, "none": None, "large": 9007199254740993, "half": 0.5,
    "sdk": {"tags": ["alpha", 'be"ta', "γ"], "note": "Second Try", "n": [{"v": 1}, {"v": 5}], "path": "C:\\a\\b"},
    "mixed": [1, "one", None, True, [2, 3], {"v": 7}], "empty": [], "nothing": {}, "lines": "one\ntwo",
    "key with space": {"a.b": 1},
}
PATHS = r"""
$
$.study
$.absent
$.none
$.sdk.tags
$.sdk.tags[*]
$.sdk.tags[2]
$.sdk.tags[3]
$.sdk.tags[last]
$.sdk.tags[last-1]
$.sdk.tags[last - 3]
$.sdk.tags[0 to 2]
$.sdk.tags[0 to 2] ? (@ == "alpha")
$.sdk.tags[1 to last] ? (@ == "alpha")
$.sdk.tags[0, 2] ? (@ == "γ")
$.sdk.tags[0, 1] ? (@ == "γ")
$.sdk.tags[2 to 0]
$.sdk.tags[5 to 9]
$.study[*]
$.study[0]
$.study[1]
$.study[last]
$.empty[*]
$.empty[0]
$.empty[last]
$.nothing
$.nothing.*
$.nothing[*]
$."key with space"."a.b"
$.*
$.**
$.** ? (@ == 7)
$.** ? (@ == 8)
$.**.v ? (@ == 5)
$.mixed[*].v
$.mixed.v
$.mixed.v ? (@ == 7)
$.mixed[4] ? (@ == 2)
$.mixed[4][1] ? (@ == 3)
$.mixed[*] ? (@ > 2)
$.mixed[*] ? (@ == true)
$.mixed[*] ? (@ == null)
$.mixed[*] ? (@ != null)
$.mixed[*] ? (@ == "one")
$.mixed[*] ? (!(@ == "one"))
$.mixed[3] ? (!(@ == "one"))
$.mixed[5] ? (!(@ == "one"))
$.mixed[5] ? (@ != 1)
$.mixed[5] ? (@ == @)
$.study ? (@ == "liver-07")
$.study ? (@ != "liver-07")
$.study ? (@ <> "liver-08")
$.study ? (@ < "liver-08")
$.study ? (@ >= "m")
$.study ? (@ > 5)
$.study ? (!(@ > 5))
$.study ? ((@ > 5) is unknown)
$.study ? ((@ == "liver-07") is unknown)
$.batch ? (@ >= 3 && @ < 4)
$.batch ? (@ == 3.0)
$.batch ? (@ == 3e0)
$.batch ? (@ == "3")
$.batch ? (@ != "3")
$.batch ? (@ > -1)
$.half ? (@ == 0.5)
$.half ? (@ > 0.49 && @ < 0.51)
$.large ? (@ == 9007199254740993)
$.large ? (@ == 9007199254740992)
$.ok ? (@ == true)
$.ok ? (@ == false)
$.ok ? (@ > false)
$.ok ? (@ == "true")
$.no ? (@ == false)
$.none ? (@ == null)
$.none ? (@ != null)
$.none ? (@ < null)
$.none ? (@ <= null)
$.none ? (@ == 0)
$.none ? (@ != 0)
$.none ? (!(@ == 0))
$.absent ? (@ == null)
$ ? (@.absent == null)
$ ? (@.absent != null)
$ ? (!(@.absent == 1))
$.sdk.tags[*] ? (@ == "alpha")
$.sdk.tags ? (@ == "alpha")
$.sdk.tags[*] ? (@ == "be\"ta" || @ == "x")
$.sdk.tags[*] ? (@ == "\u03b3")
$.sdk.tags[*] ? (@ == "\u{3b3}")
$.sdk.tags[*] ? (@ == "\x61lpha")
$.sdk.tags[*] ? (@ == "\alpha")
$.sdk.path ? (@ == "C:\\a\\b")
$.sdk.tags[*] ? (@ == "alpha" && @ == "be")
$.sdk.tags[*] ? (@ == "x" || @ == "alpha" && @ == "y")
$.sdk.tags[*] ? ((@ == "alpha" || @ == "x") && @ == "y")
$.sdk.tags[*] ? ((((@ == "alpha"))))
$.sdk.note ? (@ like_regex "second" flag "i")
$.sdk.note ? (@ like_regex "second")
$.sdk.note ? (@ like_regex "^Second")
$.sdk.note ? (@ like_regex "Try$")
$.sdk.note ? (@ like_regex "S.*T")
$.sdk.note ? (@ like_regex "second  try" flag "ix")
$.sdk.note ? (@ like_regex "." flag "q")
$.sdk.note ? (@ like_regex "Second" flag "q")
$.sdk.note ? (@ like_regex "^\\w+ \\w+$")
$.study ? (@ like_regex "\\d{2}$")
$.study ? (@ like_regex "^(liver|lung)-[0-9]+$")
$.lines ? (@ like_regex "one.two")
$.lines ? (@ like_regex "one.two" flag "s")
$.lines ? (@ like_regex "^two")
$.lines ? (@ like_regex "^two" flag "m")
$.batch ? (@ like_regex "3")
$.batch ? (!(@ like_regex "3"))
$.sdk.tags ? (@ like_regex "^al" flag "i")
$.sdk.note ? (@ starts with "Sec")
$.sdk.note ? (@ starts with "sec")
$.sdk.note ? (@ starts with "")
$.batch ? (@ starts with "3")
$.sdk.n[*] ? (@.v > 4)
$.sdk.n[*] ? (@.v > 5)
$.sdk.n[*].v ? (@ > 4)
$.sdk.n ? (exists(@.v))
$.sdk.n ? (exists(@.w))
$.sdk.n ? (!exists(@.w))
$.sdk.n[*] ? (exists(@.v ? (@ == 5)))
$ ? (exists(@.sdk.note) && !(@.batch == 4))
$ ? (!(exists(@.sdk.absent)))
$ ? ($.batch == 3)
$ ? (@.sdk.n[*].v == @.batch)
$ ? (@.sdk.n[*].v < @.batch)
$ ? (3 == @.batch)
$ ? (@.sdk.tags.size() == 3)
$.sdk ? (@.note == "Second Try").tags[0]
$.sdk ? (@.note == "x").tags[0]
$.sdk.tags.size() ? (@ == 3)
$.study.size() ? (@ == 1)
$.empty.size() ? (@ == 0)
$.study.type() ? (@ == "string")
$.sdk.tags.type() ? (@ == "array")
$.nothing.type() ? (@ == "object")
$.none.type() ? (@ == "null")
$.ok.type() ? (@ == "boolean")
$.batch.type() ? (@ == "number")
lax $.study
lax $.study[0]
strict $.study
strict $.study[0]
strict $.study[*]
strict $.absent
strict $.sdk.tags ? (@ == "alpha")
strict $.sdk.tags[*] ? (@ == "alpha")
strict $.sdk.tags[3]
strict $.sdk.tags[0 to 5]
strict $.sdk.n.v
strict $.sdk.n[*].v
strict $.mixed[*].v
strict $.mixed[*] ? (@.v == 7)
strict $.mixed[*] ? (exists(@.v))
strict $.mixed[*] ? (@ > 0)
strict $ ? (@.mixed[*] > 0)
lax $ ? (@.mixed[*] > 0)
strict $ ? (exists(@.absent))
strict $ ? ((exists(@.absent)) is unknown)
strict $.study.size()
strict $.**.v
  $ . study ? ( @ == "liver-07" )

study
$.
$.a ? (@ ==)
$.a ? (@ == "x)
$.a[
$.a[]
$.a[*
$.a[0 to]
$.a ? (@ like_regex "(")
$.a ? (@ like_regex "a" flag "z")
$.a ? (@ like_regex 5)
$.a b
$..a
$.a ? (@ = 1)
$.a ? @ == 1
$.a ? (@ == 1
$.a ? ()
$.a ? (@)
$.a ? (1)
$.a ? (@ == 1) &&
@.a
$.a ? (@ == 'x')
$.a ? (@ starts "x")
$.a ? ((@ == 1) is known)
""".split("\n")[1:-1]


def asked(path):
    sql = f"select $json${json.dumps(DOCUMENT)}$json$::jsonb @? $path${path}$path$::jsonpath"
    answer = subprocess.run(["psql", "-At", *sys.argv[1:], "-c", sql], capture_output=True, text=True)
    return {"t": True, "f": False, "": False}[answer.stdout.strip()] if answer.returncode == 0 else None


rows = [json.dumps([path, asked(path)], ensure_ascii=False) for path in PATHS]
print(json.dumps({"document": DOCUMENT}, ensure_ascii=False)[:-1] + ', "paths": [\n' + ",\n".join(rows) + "\n]}")
