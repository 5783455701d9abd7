//! What signing costs on the way: signed requests beside unsigned ones through the same HTTP library, on loopback.
//!
//! `cargo bench --bench send`: POSTs a second on one kept connection. `cargo bench --bench send -- transfer [MIB]`: a
//! file up and an answer down, wall time and peak memory, each in a process of its own. `scripts/compare-senders` runs
//! the single steps beside other programs.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use sigv4_kit::Credentials;
use sigv4_kit::provider::Environment;
use sigv4_kit::send::{Body, Client};

fn main() {
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        [] => posts(),
        ["transfer"] => transfer("1024"),
        ["transfer", mebibytes] => transfer(mebibytes),
        ["serve", mebibytes] => serve(mebibytes.parse().expect("a number")),
        ["posts-unsigned", url, seconds] => {
            let agent = agent();
            steady(seconds, || post_unsigned(&agent, url, &[]));
        }
        ["posts-same-bytes", url, seconds] => {
            let (agent, added) = (agent(), added(&client(), url));
            steady(seconds, || post_unsigned(&agent, url, &added));
        }
        ["posts-signed", url, seconds] => {
            let client = client();
            steady(seconds, || post_signed(&client, url));
        }
        [what, url, file] => println!("{}", one(what, url, Path::new(file))),
        _ => panic!("unknown arguments"),
    }
}

fn client() -> Client {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .and_then(|credentials| credentials.with_session_token(&"T".repeat(900)))
        .expect("good credentials");
    Client::builder()
        .credentials(credentials)
        .region("us-east-1")
        .service("es")
        .environment(Environment::empty())
        .build()
        .expect("good settings")
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .build()
        .new_agent()
}

// An OpenSearch document: with the session token, the workload w2 of benches/peers.
const HEADERS: [(&str, &str); 5] = [
    ("accept", "application/json"),
    ("accept-encoding", "gzip"),
    ("content-type", "application/json"),
    ("x-opaque-id", "7f3a9c52-4be1-4d0c-9a37-0c1d2e3f4a5b"),
    ("cache-control", "no-cache"),
];
const BODY: &str = r#"{"title":"Hello, SigV4","views":42,"tags":["rust","aws"]   }"#;

fn post_unsigned(agent: &ureq::Agent, url: &str, added: &[(String, String)]) {
    let mut request = agent.post(url);
    for (name, value) in HEADERS {
        request = request.header(name, value);
    }
    for (name, value) in added {
        request = request.header(name, value);
    }
    let answer = request.send(BODY).expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.into_body().read_to_vec().expect("a body");
}

fn post_signed(client: &Client, url: &str) {
    let mut request = client.request("POST", url);
    for (name, value) in HEADERS {
        request = request.header(name, value);
    }
    let answer = request.body(BODY).send().expect("an answer");
    assert_eq!(answer.status(), 200);
    answer.bytes().expect("a body");
}

/// What signing adds to the headers.
fn added(client: &Client, url: &str) -> Vec<(String, String)> {
    let prepared = client.request("POST", url).body(BODY).prepare();
    prepared
        .expect("a signature")
        .headers()
        .filter(|(name, _)| *name == "authorization" || name.starts_with("x-amz-"))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// POSTs a second, in turns: unsigned, unsigned with headers as long as the signed ones, signed.
fn posts() {
    let mut server = Command::new(std::env::current_exe().expect("own path"))
        .args(["serve", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let url = address(&mut server) + "/blogs/_doc";
    let (client, agent) = (client(), agent());
    let added = added(&client, &url);
    let mut rounds = Vec::new();
    for _ in 0..9 {
        rounds.push([
            rate(ROUND, || post_unsigned(&agent, &url, &[])),
            rate(ROUND, || post_unsigned(&agent, &url, &added)),
            rate(ROUND, || post_signed(&client, &url)),
        ]);
    }
    for (index, what) in ["unsigned", "unsigned, same bytes", "signed"]
        .into_iter()
        .enumerate()
    {
        let best = rounds
            .iter()
            .map(|round| round[index].0)
            .fold(0.0, f64::max);
        let cpu = rounds
            .iter()
            .map(|round| round[index].1)
            .fold(f64::MAX, f64::min);
        let mut ratios: Vec<f64> = rounds
            .iter()
            .map(|round| round[index].0 / round[0].0)
            .collect();
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ratios.len() / 2];
        println!(
            "{what:20} best {best:6.0}/s, {cpu:5.1} us of this thread each; median of rounds {median:.3}"
        );
    }
    server.kill().and_then(|()| server.wait()).expect("an end");
}

const ROUND: Duration = Duration::from_millis(400);

/// Prints calls a second, over so many seconds.
fn steady(seconds: &str, mut once: impl FnMut()) {
    let seconds = seconds.parse().expect("a number");
    once();
    println!("{:.0}", rate(Duration::from_secs_f64(seconds), once).0);
}

/// Calls a second, and microseconds of this thread's processor time for each.
fn rate(length: Duration, mut once: impl FnMut()) -> (f64, f64) {
    let (start, before) = (Instant::now(), processor_nanoseconds());
    let mut count = 0;
    while start.elapsed() < length {
        (0..50).for_each(|_| once());
        count += 50;
    }
    let count = f64::from(count);
    let processor = (processor_nanoseconds() - before) / 1000.0 / count;
    (count / start.elapsed().as_secs_f64(), processor)
}

fn processor_nanoseconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ')
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(f64::NAN)
}

fn transfer(mebibytes: &str) {
    let myself = std::env::current_exe().expect("own path");
    let mut server = Command::new(&myself)
        .args(["serve", mebibytes])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let url = address(&mut server);
    let file = std::env::temp_dir().join(format!("sigv4-kit-bench-{}", std::process::id()));
    let mut piece = vec![0_u8; 1 << 20];
    let mut out = File::create(&file).expect("a file");
    for number in 0..mebibytes.parse::<u32>().expect("a number") {
        piece
            .iter_mut()
            .zip(number..)
            .for_each(|(byte, n)| *byte = (n.wrapping_mul(2_654_435_761) >> 24) as u8);
        out.write_all(&piece).expect("room");
    }
    drop(out);
    for round in 0..3 {
        for what in [
            "hash",
            "unsigned-up",
            "signed-up",
            "unsigned-down",
            "signed-down",
        ] {
            let mut command = Command::new(&myself);
            let output = command
                .args([what, &url])
                .arg(&file)
                .output()
                .expect("a run");
            let errors = String::from_utf8_lossy(&output.stderr);
            println!(
                "{round} {what:14} {}{errors}",
                String::from_utf8_lossy(&output.stdout).trim()
            );
        }
    }
    fs::remove_file(&file).expect("an end");
    server.kill().and_then(|()| server.wait()).expect("an end");
}

/// One transfer; its seconds and the peak memory of this process.
fn one(what: &str, url: &str, file: &Path) -> String {
    let target = file.with_extension("down");
    let start = Instant::now();
    match what {
        "hash" => {
            let mut hasher = Sha256::new();
            let mut buffer = vec![0; 128 * 1024];
            let mut file = File::open(file).expect("a file");
            loop {
                match file.read(&mut buffer).expect("bytes") {
                    0 => break,
                    read => hasher.update(&buffer[..read]),
                }
            }
            assert_ne!(hasher.finalize()[..], [0; 32]);
        }
        "unsigned-up" => {
            let file = File::open(file).expect("a file");
            agent().put(url).send(file).expect("an answer");
        }
        "signed-up" => {
            let request = client().request("PUT", url).body(Body::file(file));
            assert_eq!(request.send().expect("an answer").status(), 200);
        }
        "unsigned-down" => {
            let answer = agent().get(url).call().expect("an answer");
            let mut reader = answer.into_body().into_reader();
            io::copy(&mut reader, &mut File::create(&target).expect("a file")).expect("a body");
        }
        "signed-down" => {
            let answer = client().request("GET", url).send().expect("an answer");
            answer.save(&target).expect("a body");
        }
        _ => panic!("unknown transfer"),
    }
    let seconds = start.elapsed().as_secs_f64();
    let _ = fs::remove_file(target);
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap_or("?");
    format!("{seconds:6.2} s, peak {}", peak.trim())
}

fn address(server: &mut std::process::Child) -> String {
    let mut line = String::new();
    let output = server.stdout.take().expect("its output");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("its address");
    line.trim().into()
}

/// Takes every body, and answers a GET with so many MiB.
fn serve(mebibytes: u64) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    println!("http://{}", listener.local_addr().expect("an address"));
    for stream in listener.incoming() {
        std::thread::spawn(move || answer(stream.expect("a connection"), mebibytes));
    }
}

fn answer(stream: TcpStream, mebibytes: u64) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::with_capacity(256 * 1024, stream);
    let piece = vec![b'x'; 1 << 20];
    let mut line = String::new();
    loop {
        let (mut length, mut get) = (0_u64, false);
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            get |= line.starts_with("GET ");
            match line.trim_end().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().ok()?;
                }
                _ if line.trim_end().is_empty() => break,
                _ => (),
            }
        }
        io::copy(&mut (&mut reader).take(length), &mut io::sink()).ok()?;
        match get {
            false => out
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                .ok()?,
            true => {
                let length = mebibytes << 20;
                write!(out, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").ok()?;
                for _ in 0..mebibytes {
                    out.write_all(&piece).ok()?;
                }
            }
        }
    }
}
