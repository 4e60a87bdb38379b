#!/usr/bin/env python3
"""What comes next in a visit, over HTTP: Serenade and shopkeeper, the same sessions learnt from, the same clicks asked for.

    loadtest/peers/serenade.py TRAIN TEST --serenade BIN --shopkeeper BIN [--seconds 15] [--shoppers 8]

TRAIN and TEST are tables of sessions (`SessionId`, `ItemId`, `Time`, tabs between them, plain text). Needs Debian's `wrk` and the binary of
`cargo install serenade --version 0.3.1`, which wants Debian's `librocksdb-dev` and `clang`. Each server runs alone, on loopback, and answers 21 products
by their identifiers. Told: answers a second, and answers a second of the server's processor time, for

- ask: Serenade from the product last looked at; shopkeeper from the whole visit, which it was told before;
- tell and ask: every click of TEST is told and answered. Serenade does both in one request and keeps the visit in RocksDB; shopkeeper takes two requests,
  the first of which is in its journal and changes everybody's tables, where Serenade learns nothing before its next start.

Both are run in turns, so that a noisy machine is noisy to both.
"""

import argparse
import csv
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

PORTS = {"serenade": 18891, "shopkeeper": 18892}
LIMIT = 21
TURNS = 2
READY_WITHIN_S = 120

SERENADE = """config_type = "toml"
[server]
host = "127.0.0.1"
port = {port}
num_workers = 2
[log]
level = "info"
[data]
training_data_path = "train.txt"
[model]
m_most_recent_sessions = 1502
neighborhood_size_k = 288
max_items_in_session = 4
num_items_to_recommend = {limit}
idf_weighting = 2
[logic]
enable_business_logic = false
[hyperparam]
training_data_path = "train.txt"
test_data_path = "train.txt"
validation_data_path = "train.txt"
num_iterations = 1
save_records = false
out_path = "results.csv"
enable_business_logic = false
n_most_recent_sessions_range = [100, 2500]
neighborhood_size_k_range = [50, 1500]
last_items_in_session_range = [1, 20]
idf_weighting_range = [0, 5]
"""

# wrk asks for one request after another; the clicks go round.
LUA = """local clicks, at = {{}}, 0
for line in io.lines("clicks.tsv") do
  local session, item = line:match("(%S+)\\t(%S+)")
  clicks[#clicks + 1] = {{session, item}}
end
request = function()
  at = at + 1
  local click = clicks[(math.floor((at - 1) / {requests}) % #clicks) + 1]
  {body}
end
"""
ASKED = {
    ("serenade", "ask"): (1, 'return wrk.format("GET", "/v1/recommend?item_id=" .. click[2] .. "&user_consent=false&session_id=" .. click[1])'),
    ("serenade", "tell and ask"): (1, 'return wrk.format("GET", "/v1/recommend?item_id=" .. click[2] .. "&user_consent=true&session_id=" .. click[1])'),
    ("shopkeeper", "ask"): (1, 'return wrk.format("GET", "/v1/recommend/for_you?fields=id&limit=%d&session_id=s" .. click[1])' % LIMIT),
    ("shopkeeper", "tell and ask"): (
        2,
        """if at % 2 == 1 then
    return wrk.format("POST", "/v1/events", {["content-type"] = "application/json"},
      '{"type":"view","product_id":"p' .. click[2] .. '","session_id":"s' .. click[1] .. '"}')
  end
  """
        + 'return wrk.format("GET", "/v1/recommend/for_you?fields=id&limit=%d&session_id=s" .. click[1])' % LIMIT,
    ),
}
READY = {"serenade": "/internal/prometheus", "shopkeeper": "/v1/search?limit=1"}


def sessions(path):
    with open(path, encoding="utf-8") as file:
        return [(row["SessionId"], row["ItemId"], float(row["Time"])) for row in csv.DictReader(file, delimiter="\t")]


def prepare(folder, train, test, shopkeeper):
    (folder / "train.txt").write_bytes(Path(train).read_bytes())
    (folder / "serenade.toml").write_text(SERENADE.format(port=PORTS["serenade"], limit=LIMIT))
    learnt, asked = sessions(train), sessions(test)
    known = sorted({item for _, item, _ in learnt})
    asked = [(session, item, at) for session, item, at in asked if item in set(known)]
    (folder / "clicks.tsv").write_text("".join(f"{session}\t{item}\n" for session, item, _ in asked))
    (folder / "products.csv").write_text("id,title\n" + "".join(f"p{item},item {item}\n" for item in known))
    rows = sorted(learnt + asked, key=lambda row: row[2])
    events = "".join(f"view,p{item},s{session},{at:.0f}\n" for session, item, at in rows)
    (folder / "events.csv").write_text("type,product_id,session_id,time\n" + events)
    for arguments in (["products.csv"], ["--kind", "events", "events.csv"]):
        subprocess.run([shopkeeper, "import", "--shop", "shop", *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    print(f"{len(learnt)} clicks learnt from, {len(asked)} asked for, {len(known)} products")


def started(folder, name, program):
    arguments = [program, "serenade.toml"] if name == "serenade" else [program, "serve", "--shop", "shop", "--listen", f"127.0.0.1:{PORTS[name]}"]
    server = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORTS[name]}{READY[name]}", timeout=5).close()
            return server
        except OSError:
            time.sleep(0.1)
    server.kill()
    raise SystemExit(f"{name} did not start")


def processor_s(server):
    fields = Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def loaded(folder, server, name, what, seconds, shoppers):
    requests, body = ASKED[name, what]
    (folder / "ask.lua").write_text(LUA.format(requests=requests, body=body))
    before = processor_s(server)
    command = ["wrk", "-t1", f"-c{shoppers}", f"-d{seconds}s", "--latency", "-s", "ask.lua", f"http://127.0.0.1:{PORTS[name]}"]
    told = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    used = processor_s(server) - before
    if "Non-2xx" in told or "Socket errors" in told:
        raise SystemExit(f"{name}, {what}:\n{told}")
    answers = int(re.search(r"(\d+) requests in", told)[1]) / requests
    p99 = re.search(r"99%\s+(\S+)", told)[1]
    return answers / seconds, answers / used, p99


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--serenade", required=True)
    parser.add_argument("--shopkeeper", required=True)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--shoppers", type=int, default=8)
    options = parser.parse_args()
    options.serenade, options.shopkeeper = (str(Path(program).resolve()) for program in (options.serenade, options.shopkeeper))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder, options.train, options.test, options.shopkeeper)
        for _ in range(TURNS):
            for peer in PORTS:
                server = started(folder, peer, getattr(options, peer))
                try:
                    for what in ("ask", "tell and ask"):
                        rate, of_processor, p99 = loaded(folder, server, peer, what, options.seconds, options.shoppers)
                        print(f"{peer:10}  {what:12}  {rate:8.0f}/s  {of_processor:8.0f} a CPU-second  p99 {p99}", flush=True)
                finally:
                    server.terminate()
                    server.wait(timeout=60)


if __name__ == "__main__":
    main()
