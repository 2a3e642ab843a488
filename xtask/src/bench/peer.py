"""The Python SDK, unchanged, doing one scenario: SCENARIO, with the plan on stdin. Prints entries and seconds without imports."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from aignostics.platform import Client

plan = json.load(sys.stdin)
client = Client()
client.me()  # signed in before the clock runs
begun = time.perf_counter()


def get(run_id):
    return client.run(run_id).details(nocache=True)


if sys.argv[1] == "list-runs":
    count = sum(1 for _ in client.runs.list_data(page_size=100, nocache=True))
elif sys.argv[1] == "list-items":
    count = sum(1 for _ in client.run(plan["large_run"]).results(nocache=True))
elif sys.argv[1] == "get-sequential":
    count = len([get(run_id) for run_id in plan["asked"]])
else:
    with ThreadPoolExecutor(50) as pool:
        count = len(list(pool.map(get, plan["asked"])))
print(count, time.perf_counter() - begun)
