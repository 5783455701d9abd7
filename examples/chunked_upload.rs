//! Uploads to an S3-compatible server in every form of aws-chunked, reads back, and shows what the server refuses.
//!
//! Without arguments the server is one on loopback; else
//!
//! ```sh
//! AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run --example chunked_upload -- http://127.0.0.1:9000 bucket
//! ```
//!
//! makes the bucket if it is not there, and overwrites its object `chunked-upload`; `--no-trailer` is for servers that
//! know no trailers. Ends with status 1 if the server answers otherwise than it should. The last line that it prints:
//!
//! ```text
//! 0 wrong
//! ```

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::io::{self, Read};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use sigv4_kit::Credentials;
use sigv4_kit::aws_chunked::{ChunkedLayout, ChunkedReader, Trailer};
use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{self, Answer, Gate, Received};
use sigv4_kit::signing::{ChunkSignatures, Date, Payload, Request, Signed, Signer};
use sigv4_kit::url::Url;
use ureq::{Agent, SendBody, http};

const REGION: &str = "us-east-1";

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let key = |name| env::var(name).map_err(|error| format!("{name}: {error}"));
    let credentials = match arguments.is_empty() {
        true => Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?,
        false => Credentials::new(&key("AWS_ACCESS_KEY_ID")?, &key("AWS_SECRET_ACCESS_KEY")?)?,
    };
    let loopback = store(&credentials)?;
    let (endpoint, bucket, forms) = match &arguments[..] {
        [] => (&loopback.url(), "bucket", 3),
        [endpoint, bucket] => (endpoint, &bucket[..], 3),
        [endpoint, bucket, option] if option == "--no-trailer" => (endpoint, &bucket[..], 1),
        _ => return Err("usage: chunked_upload [ENDPOINT BUCKET [--no-trailer]]".into()),
    };
    let server = Server {
        agent: Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into(),
        signer: Signer::new(&credentials, REGION, "s3")?,
        secret: credentials.secret_access_key(),
        object: Url::parse(&format!("{endpoint}/{bucket}/chunked-upload"))?,
    };
    let bucket = Url::parse(&format!("{endpoint}/{bucket}"))?;
    let (status, _) = server.send("PUT", &bucket, b"", Wrong::Nothing)?;
    println!("make bucket: {status}");

    let mut failures = 0;
    let mut expect = |what: &str, accepted: bool, (status, text): (u16, String)| {
        let good = (200..300).contains(&status) == accepted;
        failures += u8::from(!good);
        let verdict = if good { "ok" } else { "WRONG" };
        let code = text
            .split_once("<Code>")
            .and_then(|(_, rest)| rest.split_once('<'))
            .map_or("", |(code, _)| code);
        println!("{verdict:5} {what}: {status} {code}");
    };
    for length in [0, 5, 65536, 200_000] {
        for (index, layout) in layouts(length as u64)?.iter().take(forms).enumerate() {
            // Another body each time: none is taken for the one before.
            let body: Vec<u8> = (0..length).map(|at| ((at + index) % 251) as u8).collect();
            let form = format!("{}, {length} bytes", name(layout));
            expect(&form, true, server.upload(layout, &body, None)?);
            let (status, read) = server.send("GET", &server.object, b"", Wrong::Nothing)?;
            let same = status == 200 && read.as_bytes() == text_of(&body).as_bytes();
            expect(
                &format!("{form}, read back equal"),
                true,
                (if same { status } else { 599 }, String::new()),
            );
            if length > 0 {
                let at = layout.encoded_length() / 2;
                expect(
                    &format!("{form}, byte {at} altered"),
                    false,
                    server.upload(layout, &body, Some(at))?,
                );
            }
        }
    }
    expect(
        "PUT with its hash",
        true,
        server.send("PUT", &server.object, b"body", Wrong::Nothing)?,
    );
    expect(
        "PUT, body altered",
        false,
        server.send("PUT", &server.object, b"body", Wrong::Body)?,
    );
    expect("GET presigned", true, server.presigned("GET", b"", 0)?);
    expect(
        "PUT presigned",
        true,
        server.presigned("PUT", b"presigned", 0)?,
    );
    expect(
        "GET presigned, expired",
        false,
        server.presigned("GET", b"", 120)?,
    );
    expect(
        "PUT presigned, expired",
        false,
        server.presigned("PUT", b"presigned", 120)?,
    );
    println!("{failures} wrong");
    Ok(ExitCode::from(failures.min(1)))
}

/// A server on loopback that keeps objects by their path.
fn store(credentials: &Credentials) -> io::Result<serve::Server> {
    let gate = Gate::new(credentials.clone(), REGION, "s3", Clock::system());
    let objects: Mutex<HashMap<String, Vec<u8>>> = Mutex::default();
    serve::Server::start(Arc::new(move |received: &Received| {
        let body = match gate.verify(received) {
            Ok(accepted) => accepted.body,
            Err(refusal) => return refusal,
        };
        let mut objects = objects.lock().unwrap_or_else(PoisonError::into_inner);
        if received.method == "PUT" {
            objects.insert(received.path().into(), body.into_owned());
            return Answer::empty(200);
        }
        match objects.get(received.path()) {
            Some(object) => Answer::new(200, "application/octet-stream", object.clone()),
            None => Answer::empty(404),
        }
    }))
}

#[derive(PartialEq)]
enum Wrong {
    Nothing,
    Body,
}

struct Server<'a> {
    agent: Agent,
    signer: Signer<'a>,
    secret: &'a str,
    object: Url,
}

impl Server<'_> {
    /// One aws-chunked upload; `altered` is the position of a byte to change on the way.
    fn upload(
        &self,
        layout: &ChunkedLayout,
        body: &[u8],
        altered: Option<u64>,
    ) -> Result<(u16, String), Box<dyn Error>> {
        let host = self.object.host_header();
        let mut headers = vec![("host", host.as_str())];
        headers.extend(layout.headers());
        let request = Request::new("PUT", self.object.path(), "", &headers, layout.payload())?;
        let signed = self.signer.sign(&request, now(0)?)?;
        let signatures = ChunkSignatures::after(&signed, self.secret);
        let mut reader = Altered {
            inner: ChunkedReader::new(body, layout, signatures),
            left: altered,
        };
        let length = layout.encoded_length().to_string();
        headers.push(("content-length", &length));
        self.answer(
            "PUT",
            &self.object,
            &headers,
            Some(&signed),
            SendBody::from_reader(&mut reader),
        )
    }

    /// A request with a body whose hash is signed.
    fn send(
        &self,
        method: &str,
        url: &Url,
        body: &[u8],
        wrong: Wrong,
    ) -> Result<(u16, String), Box<dyn Error>> {
        let host = url.host_header();
        let mut headers = vec![("host", host.as_str())];
        let request = Request::new(method, url.path(), "", &headers, Payload::Bytes(body))?;
        let signed = self.signer.sign(&request, now(0)?)?;
        let length = body.len().to_string();
        headers.push(("content-length", &length));
        let mut sent = body;
        if wrong == Wrong::Body {
            sent = b"BODY";
        }
        self.answer(
            method,
            url,
            &headers,
            Some(&signed),
            SendBody::from_reader(&mut sent),
        )
    }

    /// A request with a presigned URL that is good for a minute from `seconds_ago`.
    fn presigned(
        &self,
        method: &str,
        mut body: &[u8],
        seconds_ago: i64,
    ) -> Result<(u16, String), Box<dyn Error>> {
        let host = self.object.host_header();
        let mut headers = vec![("host", host.as_str())];
        let request = Request::new(method, self.object.path(), "", &headers, Payload::Unsigned)?;
        let presigned = self.signer.presign(&request, now(seconds_ago)?, 60)?;
        let url = self.object.clone().with_wire_query(presigned.query());
        let length = body.len().to_string();
        headers.push(("content-length", &length));
        self.answer(
            method,
            &url,
            &headers,
            None,
            SendBody::from_reader(&mut body),
        )
    }

    fn answer(
        &self,
        method: &str,
        url: &Url,
        headers: &[(&str, &str)],
        signed: Option<&Signed>,
        body: SendBody<'_>,
    ) -> Result<(u16, String), Box<dyn Error>> {
        let mut request = http::Request::builder().method(method).uri(url.to_string());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in signed.iter().flat_map(|signed| signed.headers()) {
            request = request.header(name, value);
        }
        let mut response = match method {
            "GET" => self.agent.run(request.body(())?)?,
            _ => self.agent.run(request.body(body)?)?,
        };
        let mut answer = Vec::new();
        response.body_mut().as_reader().read_to_end(&mut answer)?;
        Ok((response.status().as_u16(), text_of(&answer)))
    }
}

/// Changes one byte on the way.
struct Altered<R> {
    inner: R,
    left: Option<u64>,
}

impl<R: Read> Read for Altered<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        if let Some(left) = self.left {
            if left < count as u64 {
                out[left as usize] ^= 1;
            }
            self.left = left.checked_sub(count as u64);
        }
        Ok(count)
    }
}

fn layouts(length: u64) -> Result<[ChunkedLayout; 3], Box<dyn Error>> {
    Ok([
        ChunkedLayout::signed(length)?,
        ChunkedLayout::signed_with_trailer(length, Trailer::sha256())?,
        ChunkedLayout::unsigned_with_trailer(length, Trailer::sha256())?,
    ])
}

fn name(layout: &ChunkedLayout) -> &'static str {
    match layout.payload() {
        Payload::StreamingSigned => "signed chunks",
        Payload::StreamingSignedTrailer => "signed chunks and trailer",
        _ => "unsigned chunks with trailer",
    }
}

/// A character for each byte.
fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn now(seconds_ago: i64) -> Result<Date, Box<dyn Error>> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    Ok(Date::from_unix_seconds(
        i64::try_from(now.as_secs())? - seconds_ago,
    )?)
}
