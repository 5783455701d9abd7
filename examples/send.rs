//! Sends signed requests with a `Client` that is kept, here to an endpoint on loopback that verifies each.
//!
//! On AWS no setting is needed: `send_signed("GET", url, "")` takes credentials from where boto3 finds them, and
//! service and region from the host name. `cargo run --example send` prints:
//!
//! ```text
//! stored: 201
//! found: Moneyball
//! error: the server answered 404
//! ```

use std::error::Error;

use sigv4_kit::provider::Clock;
use sigv4_kit::send::SendError;
use sigv4_kit::serve::{self, Gate};
use sigv4_kit::{Client, Credentials};

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    let gate = Gate::new(credentials.clone(), "us-west-2", "es", Clock::system());
    let server = serve::opensearch(gate)?;
    let url = format!("{}/movies/_doc/1", server.url());

    // The host of a loopback endpoint tells neither service nor region, so both are stated.
    let client = Client::builder()
        .credentials(credentials)
        .region("us-west-2")
        .service("es")
        .build()?;
    let stored = client
        .request("PUT", &url)
        .body(r#"{"director": "Bennett Miller", "title": "Moneyball"}"#)
        .send()?
        .error_for_status()?;
    println!("stored: {}", stored.status());

    let found = client.request("GET", &url).send()?.error_for_status()?;
    println!(
        "found: {}",
        found.json()?["_source"]["title"]
            .as_str()
            .unwrap_or_default()
    );

    // An answer of 4xx or 5xx is an answer, until it is asked to be an error: that keeps the server's body.
    let missing = client
        .request("GET", &format!("{}/movies/_doc/2", server.url()))
        .send()?;
    match missing.error_for_status() {
        Err(SendError::Status(refusal)) => {
            println!("error: the server answered {}", refusal.status())
        }
        other => return Err(format!("expected 404, not {other:?}").into()),
    }
    Ok(())
}
