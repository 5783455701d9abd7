//! Loads documents with `_bulk`, which answers 200 even where some of them failed: those are told.
//!
//! `cargo run --example bulk` prints:
//!
//! ```text
//! 2 of 3 loaded
//! 1 x 409 version_conflict_engine_exception
//! to look at: {"create": {"_index": "movies", "_id": "1"}}
//! ```

use std::error::Error;

use sigv4_kit::diagnose::bulk_summary;
use sigv4_kit::provider::Clock;
use sigv4_kit::serve::{self, Gate};
use sigv4_kit::{Client, Credentials};

/// An action a line, a document after each. The client adds the final newline that the service demands.
const ACTIONS: &str = r#"{"create": {"_index": "movies", "_id": "1"}}
{"title": "Nosferatu"}
{"create": {"_index": "movies", "_id": "1"}}
{"title": "Metropolis"}
{"create": {"_index": "movies", "_id": "2"}}
{"title": "M"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
    let gate = Gate::new(credentials.clone(), "us-west-2", "es", Clock::system());
    let server = serve::opensearch(gate)?;
    let client = Client::builder()
        .credentials(credentials)
        .region("us-west-2")
        .service("es")
        .build()?;

    let request = client.request("POST", &format!("{}/_bulk", server.url()));
    let answer = request.body(ACTIONS).send()?.error_for_status()?.bytes()?;
    let Some(summary) = bulk_summary(&answer) else {
        println!("all loaded");
        return Ok(());
    };
    let loaded = summary.items - summary.failed;
    println!("{loaded} of {} loaded", summary.items);
    for kind in &summary.errors {
        println!("{} x {} {}", kind.count, kind.status, kind.error_type);
    }
    // The items stand in the order of the actions, a document behind each of these.
    let answer: serde_json::Value = serde_json::from_slice(&answer)?;
    let items = answer["items"].as_array().into_iter().flatten();
    for (item, action) in items.zip(ACTIONS.lines().step_by(2)) {
        if !item["create"]["error"].is_null() {
            println!("to look at: {action}");
        }
    }
    Ok(())
}
