"""The interactive ways of the Python SDK to sign in, unchanged: `browser` (authorization code with PKCE) and `device`."""

import os
import pathlib
import subprocess
import sys

import person

HERE = pathlib.Path(__file__).resolve().parent
DEVICE_FLOW = """
from aignostics.platform._authentication import get_token
get_token(use_device_flow=True)
print("signed in", flush=True)
"""


def browser():
    """`webbrowser` starts what BROWSER names; the ampersand says that it may take its time."""
    os.environ["BROWSER"] = f"{sys.executable} {HERE / 'person.py'} %s &"
    run("user", "login", "--relogin")


def device():
    """No option of the command line leads here, so the library is asked."""
    words = [sys.executable, "-u", "-c", DEVICE_FLOW]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as flow:
        said = ""
        for line in flow.stdout:
            said += line
            if line.startswith("Please visit: "):
                person.agree(line.split()[2])
    assert flow.returncode == 0 and "signed in" in said, said


def run(*words):
    program = pathlib.Path(sys.executable).with_name("aignostics")
    return subprocess.run([program, *words], check=True, capture_output=True, text=True, timeout=120).stdout


{"browser": browser, "device": device}[sys.argv[1]]()
assert "sandbox-ada" in run("user", "whoami")
print("python sign-in: done")
