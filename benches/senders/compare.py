"""Rounds of the same requests by different senders, in turns; started by scripts/compare-senders.

compare.py compare BENCH POSTS_URL TRANSFER_URL MIB ROUNDS   prints the tables
compare.py requests|opensearch-py URL SECONDS                one sender: POSTs a second
compare.py requests-up|requests-down URL FILE                one sender: one transfer
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "T" * 900
REGION, SERVICE = "us-east-1", "es"
HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip",
    "content-type": "application/json",
    "x-opaque-id": "7f3a9c52-4be1-4d0c-9a37-0c1d2e3f4a5b",
    "cache-control": "no-cache",
}
BODY = '{"title":"Hello, SigV4","views":42,"tags":["rust","aws"]   }'
SECONDS = 2.0
CURL_POSTS = 4000
CURL = ["curl", "-sS", "--fail", "--noproxy", "*", "--user", f"{KEY}:{SECRET}",
        "--aws-sigv4", f"aws:amz:{REGION}:{SERVICE}", "-H", f"x-amz-security-token: {TOKEN}"]


def signer():
    from requests_aws4auth import AWS4Auth

    return AWS4Auth(KEY, SECRET, REGION, SERVICE, session_token=TOKEN)


def session():
    import requests

    session = requests.Session()
    session.trust_env = False
    session.auth = signer()
    return session


def rate(once, seconds):
    once()
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        once()
        count += 1
    return count / (time.perf_counter() - start)


def posts_requests(url, seconds):
    kept = session()

    def once():
        kept.post(url, data=BODY, headers=HEADERS).raise_for_status()

    return rate(once, seconds)


def posts_opensearch_py(url, seconds):
    from urllib.parse import urlsplit

    from opensearchpy import OpenSearch, RequestsHttpConnection

    at = urlsplit(url)
    client = OpenSearch(
        hosts=[{"host": at.hostname, "port": at.port}],
        http_auth=signer(),
        connection_class=RequestsHttpConnection,
    )
    return rate(lambda: client.index(index="blogs", body=BODY, headers=HEADERS), seconds)


def posts_curl(url, _):
    with tempfile.NamedTemporaryFile("w", suffix=".curl") as config:
        config.write(f'url = "{url}"\noutput = "/dev/null"\n' * CURL_POSTS)
        config.flush()
        headers = [word for pair in HEADERS.items() for word in ("-H", ": ".join(pair))]
        command = [*CURL, *headers, "--data-raw", BODY, "-K", config.name]
        start = time.perf_counter()
        subprocess.run(command, check=True)
        return CURL_POSTS / (time.perf_counter() - start)


def other(*command):
    """A sender in a process of its own, that prints its rate."""

    def run(url, seconds):
        words = [*command, url, str(seconds)]
        return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)

    return run


def measured(commands):
    """Wall time of these commands, one after the other, and the highest peak of memory, in MiB."""
    start, peak = time.perf_counter(), 0
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        while process.poll() is None:
            try:
                with open(f"/proc/{process.pid}/status") as status:
                    high = [line.split()[1] for line in status if line.startswith("VmHWM")]
                peak = max([peak, *map(int, high)])
            except FileNotFoundError:
                pass
            time.sleep(0.01)
        if process.returncode:
            sys.exit(f"{command[0]} ended with {process.returncode}")
    return time.perf_counter() - start, peak / 1024


def compare_posts(bench, url, rounds):
    me = [sys.executable, __file__]
    senders = {
        "ureq, unsigned": other(bench, "posts-unsigned"),
        "ureq, unsigned, same bytes": other(bench, "posts-same-bytes"),
        "sigv4-kit": other(bench, "posts-signed"),
        "curl --aws-sigv4": posts_curl,
        "requests + requests-aws4auth": other(*me, "requests"),
        "opensearch-py + requests-aws4auth": other(*me, "opensearch-py"),
    }
    rates = {name: [] for name in senders}
    for _ in range(rounds):
        for name, sender in senders.items():
            rates[name].append(sender(url, SECONDS))
    first = rates["ureq, unsigned"]
    print(f"POSTs a second on one kept connection, {rounds} rounds in turns")
    print(f"{'':36} {'best':>8} {'median':>8} {'of unsigned ureq, median':>25}")
    for name, all_rounds in rates.items():
        ratio = statistics.median(one / base for one, base in zip(all_rounds, first))
        median = statistics.median(all_rounds)
        print(f"{name:36} {max(all_rounds):8.0f} {median:8.0f} {ratio:25.3f}", flush=True)


def compare_transfers(bench, url, mebibytes, rounds):
    with tempfile.TemporaryDirectory() as directory:
        file, down = os.path.join(directory, "up"), os.path.join(directory, "down")
        with open(file, "wb") as out:
            for _ in range(mebibytes):
                out.write(os.urandom(1 << 20))
        hashed = subprocess.run(["sha256sum", file], check=True, capture_output=True, text=True)
        sha256 = ["-H", f"x-amz-content-sha256: {hashed.stdout.split()[0]}"]
        me = [sys.executable, __file__]
        up = ["-H", "Expect:", "-T", file, url]
        transfers = {
            "hash alone": [[bench, "hash", url, file]],
            "up: ureq, unsigned": [[bench, "unsigned-up", url, file]],
            "up: sigv4-kit": [[bench, "signed-up", url, file]],
            "up: curl, unsigned": [["curl", "-sS", "--noproxy", "*", *up]],
            "up: sha256sum, curl --aws-sigv4": [["sha256sum", file], [*CURL, *sha256, *up]],
            "up: requests + requests-aws4auth": [[*me, "requests-up", url, file]],
            "down: ureq, unsigned": [[bench, "unsigned-down", url, down]],
            "down: sigv4-kit": [[bench, "signed-down", url, down]],
            "down: curl --aws-sigv4": [[*CURL, "-o", down, url]],
            "down: requests + requests-aws4auth": [[*me, "requests-down", url, down]],
        }
        results = {name: [] for name in transfers}
        for _ in range(rounds):
            for name, commands in transfers.items():
                results[name].append(measured(commands))
    print(f"{mebibytes} MiB, {rounds} rounds in turns, each in a process of its own")
    print(f"{'':36} {'best s':>8} {'median s':>9} {'peak MiB':>9}")
    for name, all_rounds in results.items():
        seconds = [seconds for seconds, _ in all_rounds]
        peak = max(peak for _, peak in all_rounds)
        print(f"{name:36} {min(seconds):8.2f} {statistics.median(seconds):9.2f} {peak:9.1f}")
    columns = ("hash alone", "up: ureq, unsigned", "up: sigv4-kit")
    rounds = zip(*(results[name] for name in columns))
    ratios = [ours[0] / (hash[0] + unsigned[0]) for hash, unsigned, ours in rounds]
    print("up: sigv4-kit of (hash alone + unsigned):", *(f"{ratio:.2f}" for ratio in ratios))


def main():
    match sys.argv[1:]:
        case ["compare", bench, posts_url, transfer_url, mebibytes, rounds]:
            compare_posts(bench, posts_url, int(rounds))
            compare_transfers(bench, transfer_url, int(mebibytes), int(rounds))
        case ["requests", url, seconds]:
            print(posts_requests(url, float(seconds)))
        case ["opensearch-py", url, seconds]:
            print(posts_opensearch_py(url, float(seconds)))
        case ["requests-up", url, file]:
            with open(file, "rb") as body:
                session().put(url, data=body.read()).raise_for_status()
        case ["requests-down", url, file]:
            with open(file, "wb") as out:
                out.write(session().get(url).content)
        case _:
            sys.exit(__doc__)


main()
