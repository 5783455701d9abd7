//! Signs an `http::Request`, the type that ureq, reqwest and hyper share, and sends it with ureq.
//!
//! `cargo run --example sign_http_request` prints:
//!
//! ```text
//! 200 OK
//! ```

use std::error::Error;

use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{self, Gate};
use sigv4_kit::signing::{Date, Payload, Signer};
use sigv4_kit::{Credentials, http_request};
use ureq::{Agent, http};

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    let gate = Gate::new(credentials.clone(), "us-west-2", "es", Clock::system());
    let server = serve::opensearch(gate)?;

    let body = r#"{"query": {"match_all": {}}}"#;
    let mut request = http::Request::post(format!("{}/_search?q=a+b", server.url()))
        .header("content-type", "application/json")
        .body(body)?;
    let signer = Signer::new(&credentials, "us-west-2", "es")?;
    let now = Date::from_unix_seconds(Clock::system().now())?;
    http_request::sign(&mut request, &signer, Payload::Bytes(body.as_bytes()), now)?;

    // With reqwest: client.execute(request.map(reqwest::Body::from).try_into()?)
    // With hyper:   sender.send_request(request.map(Full::from))
    let answer = Agent::new_with_defaults().run(request)?;
    println!("{}", answer.status());
    Ok(())
}
