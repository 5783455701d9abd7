//! Sending, against servers on loopback.
#![cfg(feature = "client")]

mod answers;
mod authority;
mod bodies;
mod corrections;
mod faults;
mod redirects;
mod retries;
mod server;
mod tls;
mod wire;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use server::Received;
use sigv4_kit::Credentials;
use sigv4_kit::provider::{Clock, Environment};
use sigv4_kit::send::{Client, ClientBuilder};
use sigv4_kit::signing::{
    Authorization, Date, Payload, Request, Rules, Verified, Verifier, VerifyError,
};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z
const NOW: i64 = 1_440_938_160;

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", SECRET).unwrap()
}

fn builder() -> ClientBuilder {
    Client::builder()
        .credentials(credentials())
        .region("us-east-1")
        .service("es")
        .clock(Clock::fixed(NOW))
        .environment(Environment::empty())
}

/// A clock that moves only when someone waits, and keeps how long each waited.
#[derive(Clone, Default)]
struct Waits {
    all: Arc<Mutex<Vec<Duration>>>,
    passed_milliseconds: Arc<AtomicI64>,
}

impl Waits {
    fn clock(&self) -> Clock {
        let (waits, passed) = (self.clone(), self.passed_milliseconds.clone());
        Clock::new(
            move || NOW + passed.load(Ordering::Relaxed) / 1000,
            move |wait| {
                waits.all.lock().unwrap().push(wait);
                let milliseconds = i64::try_from(wait.as_millis()).unwrap();
                waits
                    .passed_milliseconds
                    .fetch_add(milliseconds, Ordering::Relaxed);
            },
        )
    }

    fn all(&self) -> Vec<Duration> {
        self.all.lock().unwrap().clone()
    }
}

fn client() -> Client {
    builder().build().unwrap()
}

/// Verifies what arrived, from its raw bytes.
fn verify(received: &Received) -> Result<Verified, VerifyError> {
    verify_for(received, "us-east-1", "es", NOW)
}

fn verify_for(
    received: &Received,
    region: &str,
    service: &str,
    now: i64,
) -> Result<Verified, VerifyError> {
    let (path, query) = received
        .target
        .split_once('?')
        .unwrap_or((&received.target, ""));
    let headers: Vec<(&str, &str)> = received
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let payload = Payload::Bytes(&received.body);
    let request = Request::new(&received.method, path, query, &headers, payload).unwrap();
    let authorization = Authorization::from_request(&request).unwrap();
    Verifier::new(region, service)
        .unwrap()
        .with_rules(Rules::for_service(service))
        .verify(
            &authorization,
            &request,
            SECRET,
            Date::from_unix_seconds(now).unwrap(),
        )
}
