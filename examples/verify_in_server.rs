//! Verifies signed requests in a server of one's own, with a secret access key for each user.
//!
//! `Authorization` tells who claims to have signed, the server looks up that user's secret, and `Verifier` gives the
//! proof or the reason to refuse. `cargo run --example verify_in_server` prints:
//!
//! ```text
//! 200 good morning, AKIDALICE
//! 403 the signature is not that of this request and secret
//! 403 AKIDNOBODY is not known
//! ```

use std::error::Error;
use std::sync::Arc;

use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{Answer, Received, Server};
use sigv4_kit::signing::{Authorization, Date, Payload, Request, Verified, Verifier};
use sigv4_kit::{Client, Credentials};

fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(Arc::new(|received: &Received| match verify(received) {
        Ok(user) => {
            let text = format!("good morning, {}", user.access_key_id());
            Answer::new(200, "text/plain", text)
        }
        Err(reason) => Answer::new(403, "text/plain", reason.to_string()),
    }))?;
    for (access_key_id, secret) in [
        ("AKIDALICE", "secret-of-alice"),
        ("AKIDALICE", "a-guess"),
        ("AKIDNOBODY", "secret"),
    ] {
        let client = Client::builder()
            .credentials(Credentials::new(access_key_id, secret)?)
            .region("eu-west-1")
            .service("greeting")
            .build()?;
        let answer = client.request("GET", &server.url()).send()?;
        println!("{} {}", answer.status(), answer.text()?);
    }
    Ok(())
}

/// Who signed the request.
fn verify(received: &Received) -> Result<Verified, Box<dyn Error>> {
    let headers = received.headers.iter();
    let headers: Vec<(&str, &str)> = headers.map(|(name, value)| (&**name, &**value)).collect();
    let (path, query) = (received.path(), received.query());
    let body = Payload::Bytes(&received.body);
    let request = Request::new(&received.method, path, query, &headers, body)?;
    let claim = Authorization::from_request(&request)?;
    let secret = match claim.access_key_id() {
        "AKIDALICE" => "secret-of-alice",
        "AKIDBOB" => "secret-of-bob",
        unknown => return Err(format!("{unknown} is not known").into()),
    };
    let now = Date::from_unix_seconds(Clock::system().now())?;
    Ok(Verifier::new("eu-west-1", "greeting")?.verify(&claim, &request, secret, now)?)
}
